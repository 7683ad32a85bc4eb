"""The audit is insert-only: no update and no delete, by nobody."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION history_audit_kept() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
        'audit_kept|What the audit has written down is neither changed nor removed.';
END $body$
"""
TRIGGER = """
CREATE TRIGGER history_audit_kept BEFORE UPDATE OR DELETE ON history_auditevent
FOR EACH ROW EXECUTE FUNCTION history_audit_kept()
"""


class Migration(migrations.Migration):
    dependencies = [("history", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION history_audit_kept()"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER history_audit_kept ON history_auditevent"),
    ]
