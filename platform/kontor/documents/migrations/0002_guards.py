"""Gapless numbers, guarded by the database: no gap, no double, whoever writes.

The counter of a gapless series moves by one. A document that takes a number claims it: the trigger
``documents_gapless_number`` (hung on the table of every document with gapless numbers) accepts only
the next number that was given and is not claimed. At commit every number given must be claimed.
"""

from django.db import migrations

from kontor.configuration.kept import watch

COUNTER_STEP = """
CREATE FUNCTION documents_counter_step() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.gapless THEN
            RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
                'counter_kept|The counter of a gapless series is never removed.';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.gapless AND (NEW.claimed > NEW.last OR (NEW.upper IS NULL AND (NEW.last > 1 OR NEW.claimed > 0))) THEN
            RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
                'number_gap|A gapless series begins at one and moves by one at a time.';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.gapless AND (NEW.gapless IS DISTINCT FROM OLD.gapless OR NEW.series <> OLD.series
                        OR NEW.last NOT IN (OLD.last, OLD.last + 1)
                        OR NEW.claimed NOT IN (OLD.claimed, OLD.claimed + 1) OR NEW.claimed > NEW.last) THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'number_gap|A gapless series moves by one at a time and never back.';
    END IF;
    RETURN NEW;
END $body$;
"""

COUNTER_CLAIMED = """
CREATE FUNCTION documents_counter_claimed() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE open_series text;
BEGIN
    EXECUTE format('SELECT series FROM %I.documents_numbercounter WHERE id = $1 AND gapless AND claimed <> last',
                   TG_TABLE_SCHEMA) INTO open_series USING NEW.id;
    IF open_series IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'number_gap|A gapless number was given that stands on no document.', DETAIL = open_series;
    END IF;
    RETURN NULL;
END $body$;
"""

GAPLESS_NUMBER = """
CREATE FUNCTION documents_gapless_number() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE taken bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.number <> '' THEN
            RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
                'number_kept|A document with a gapless number is never deleted; reverse it instead.';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.number = OLD.number THEN
            RETURN NEW;
        ELSIF OLD.number <> '' THEN
            RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
                'number_kept|A gapless number is never changed.';
        END IF;
    END IF;
    IF NEW.number = '' THEN
        RETURN NEW;
    END IF;
    EXECUTE format(
        'UPDATE %I.documents_numbercounter SET claimed = claimed + 1 '
        'WHERE gapless AND claimed < last AND replace(shape, ''{n}'', '
        'lpad((claimed + 1)::text, greatest(width, length((claimed + 1)::text)), ''0'')) = $1', TG_TABLE_SCHEMA)
        USING NEW.number;
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken <> 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'number_not_given|This number is not the next one of its gapless series.', DETAIL = NEW.number;
    END IF;
    RETURN NEW;
END $body$;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial"), ("configuration", "0002_guards")]

    operations = [
        migrations.RunSQL(COUNTER_STEP, "DROP FUNCTION documents_counter_step()"),
        migrations.RunSQL(COUNTER_CLAIMED, "DROP FUNCTION documents_counter_claimed()"),
        migrations.RunSQL(GAPLESS_NUMBER, "DROP FUNCTION documents_gapless_number()"),
        migrations.RunSQL(
            "CREATE TRIGGER documents_numbercounter_step BEFORE INSERT OR UPDATE OR DELETE ON documents_numbercounter "
            "FOR EACH ROW EXECUTE FUNCTION documents_counter_step()",
            "DROP TRIGGER documents_numbercounter_step ON documents_numbercounter",
        ),
        migrations.RunSQL(
            "CREATE CONSTRAINT TRIGGER documents_numbercounter_claimed AFTER INSERT OR UPDATE OF last "
            "ON documents_numbercounter DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW WHEN (NEW.gapless) EXECUTE FUNCTION documents_counter_claimed()",
            "DROP TRIGGER documents_numbercounter_claimed ON documents_numbercounter",
        ),
        watch("documents_numberrule", "numbers"),
    ]
