"""The guards of invoices: gapless numbers, and what is posted stays as it was posted.

Raw SQL meets them as Python does. Refusals carry SQLSTATE KT001 and ``code|sentence``.
"""

from django.db import migrations

# What lives on after posting: how far it is paid, credited and taken up, and its reversal.
INVOICE = """
CREATE FUNCTION sales_invoice_guard() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE living text[] := ARRAY['state', 'open_amount', 'payment_state', 'credited', 'taken', 'version', 'updated_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
                'posted|A posted invoice is never deleted; draw up a credit note instead.';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state <> 'draft' AND (NEW.state = 'draft' OR to_jsonb(OLD) - living <> to_jsonb(NEW) - living) THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'posted|A posted invoice is never changed; draw up a credit note instead.';
    END IF;
    RETURN NEW;
END $body$;
"""

LINE = """
CREATE FUNCTION sales_invoiceline_guard() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE living text[] := ARRAY['credited', 'credited_amount']; posted boolean; old_id uuid; new_id uuid;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - living = to_jsonb(NEW) - living THEN
        RETURN NEW;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        old_id := OLD.document_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        new_id := NEW.document_id;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.sales_invoice WHERE id IN ($1, $2) AND state <> ''draft'')',
                   TG_TABLE_SCHEMA) INTO posted USING old_id, new_id;
    IF posted THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'posted|The lines of a posted invoice are never changed; draw up a credit note instead.';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $body$;
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0001_initial"), ("documents", "0002_guards")]

    operations = [
        migrations.RunSQL(INVOICE, "DROP FUNCTION sales_invoice_guard()"),
        migrations.RunSQL(LINE, "DROP FUNCTION sales_invoiceline_guard()"),
        migrations.RunSQL(
            "CREATE TRIGGER sales_invoice_guard BEFORE UPDATE OR DELETE ON sales_invoice "
            "FOR EACH ROW EXECUTE FUNCTION sales_invoice_guard()",
            "DROP TRIGGER sales_invoice_guard ON sales_invoice",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER sales_invoiceline_guard BEFORE INSERT OR UPDATE OR DELETE ON sales_invoiceline "
            "FOR EACH ROW EXECUTE FUNCTION sales_invoiceline_guard()",
            "DROP TRIGGER sales_invoiceline_guard ON sales_invoiceline",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER sales_invoice_gapless BEFORE INSERT OR UPDATE OF number OR DELETE ON sales_invoice "
            "FOR EACH ROW EXECUTE FUNCTION documents_gapless_number()",
            "DROP TRIGGER sales_invoice_gapless ON sales_invoice",
        ),
    ]
