"""The guards of stock: moves and cost entries are never changed, and no move falls into a closed period."""

from django.db import migrations

from kontor.configuration.kept import watch

INSERT_ONLY = """
CREATE FUNCTION inventory_insert_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
        'insert_only|Stock moves and cost entries are never changed or removed; reverse them instead.';
END $body$;
"""

# Statement level with a transition table: one look at the periods for all moves of an operation.
OPEN_PERIOD = """
CREATE FUNCTION inventory_move_period() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE bad date;
BEGIN
    EXECUTE format(
        'SELECT d."on" FROM (SELECT DISTINCT "on" FROM made) d '
        'LEFT JOIN LATERAL (SELECT stock FROM %I.calendars_period p '
        '  WHERE p.starts_on = date_trunc(''month'', d."on")::date FOR SHARE) p ON true '
        'WHERE p.stock IS NULL OR p.stock = ''closed'' LIMIT 1', TG_TABLE_SCHEMA) INTO bad;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'period_closed|The stock period of this date is closed. Choose a date in an open period, or have it reopened.';
    END IF;
    RETURN NULL;
END $body$;
"""


class Migration(migrations.Migration):
    """Triggers on inventory_move and inventory_costentry."""

    dependencies = [("inventory", "0001_initial"), ("calendars", "0001_initial"), ("configuration", "0002_guards")]

    operations = [
        migrations.RunSQL(INSERT_ONLY, "DROP FUNCTION inventory_insert_only()"),
        migrations.RunSQL(OPEN_PERIOD, "DROP FUNCTION inventory_move_period()"),
        migrations.RunSQL(
            "CREATE TRIGGER inventory_move_kept BEFORE UPDATE OR DELETE ON inventory_move "
            "FOR EACH ROW EXECUTE FUNCTION inventory_insert_only()",
            "DROP TRIGGER inventory_move_kept ON inventory_move",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER inventory_costentry_kept BEFORE UPDATE OR DELETE ON inventory_costentry "
            "FOR EACH ROW EXECUTE FUNCTION inventory_insert_only()",
            "DROP TRIGGER inventory_costentry_kept ON inventory_costentry",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER inventory_move_period AFTER INSERT ON inventory_move REFERENCING NEW TABLE AS made "
            "FOR EACH STATEMENT EXECUTE FUNCTION inventory_move_period()",
            "DROP TRIGGER inventory_move_period ON inventory_move",
        ),
        watch("inventory_location", "places"),
        watch("inventory_warehouse", "places"),
    ]
