"""Stamps: what a process keeps of seldom changed tables counts until the next write of one of them."""

from django.db import migrations

from kontor.configuration.kept import watch

STAMP = """
CREATE FUNCTION configuration_stamp() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    EXECUTE format('INSERT INTO %I.configuration_stamp (id, name, stamp) '
                   'VALUES (gen_random_uuid(), $1, gen_random_uuid()) '
                   'ON CONFLICT (name) DO UPDATE SET stamp = EXCLUDED.stamp', TG_TABLE_SCHEMA) USING TG_ARGV[0];
    RETURN NULL;
END $body$;
"""


class Migration(migrations.Migration):
    dependencies = [("configuration", "0001_initial")]

    operations = [
        migrations.RunSQL(STAMP, "DROP FUNCTION configuration_stamp()"),
        watch("configuration_setting", "settings"),
    ]
