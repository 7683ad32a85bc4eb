"""The ledger's guards: what is posted is balanced, on its date, in order, and stays.

Raw SQL meets them as Python does. Refusals carry SQLSTATE KT001 and ``code|sentence``.
"""

from django.db import migrations

from kontor.configuration.kept import watch

# Digits of currencies other than two; the same list as kontor.values.money (a test compares them).
DIGITS = """
CREATE FUNCTION finance_currency_digits(code text) RETURNS integer LANGUAGE sql IMMUTABLE AS $body$
    SELECT CASE
        WHEN code IN ('TWD','JPY','KRW','VND','CLP','ISK','PYG','UGX','XAF','XOF','XPF','RWF') THEN 0
        WHEN code IN ('BHD','KWD','OMR','JOD','TND','IQD','LYD') THEN 3
        ELSE 2 END
$body$;
"""

VOUCHER = """
CREATE FUNCTION finance_voucher_guard() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE span record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
                'posted|A posted voucher is never deleted; reverse it instead.';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state <> 'draft' THEN
        IF NOT (OLD.state = 'posted' AND NEW.state = 'reversed' AND NEW.reversed_by_id IS NOT NULL)
           OR to_jsonb(OLD) - ARRAY['state', 'reversed_by_id', 'version', 'updated_at']
              <> to_jsonb(NEW) - ARRAY['state', 'reversed_by_id', 'version', 'updated_at'] THEN
            RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
                'posted|A posted voucher is never changed; reverse it instead.';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state = 'draft' THEN
        RETURN NEW;
    END IF;
    IF NEW.state <> 'posted' THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'illegal_state|A voucher is a draft or posted before it is reversed.';
    END IF;
    EXECUTE format('SELECT starts_on, ends_on, ledger FROM %I.calendars_period WHERE id = $1 FOR SHARE',
                   TG_TABLE_SCHEMA) INTO span USING NEW.period_id;
    IF span.starts_on IS NULL OR NEW.date NOT BETWEEN span.starts_on AND span.ends_on THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'period_wrong|The period of a voucher is the one of its date.';
    END IF;
    IF span.ledger = 'closed' THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'period_closed|The accounting period of this date is closed. Choose a date in an open period, or have it reopened.';
    END IF;
    RETURN NEW;
END $body$;
"""

BALANCED = """
CREATE FUNCTION finance_voucher_balanced() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE sums record;
BEGIN
    EXECUTE format('SELECT count(*) AS n, coalesce(sum(debit), 0) AS debit, coalesce(sum(credit), 0) AS credit '
                   'FROM %I.finance_voucherline WHERE voucher_id = $1', TG_TABLE_SCHEMA) INTO sums USING NEW.id;
    IF sums.n < 2 OR sums.n <> NEW.line_count OR sums.debit <> sums.credit OR sums.debit <> NEW.total THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'unbalanced|Debit and credit of a voucher must be equal, and all its lines must be there.',
            DETAIL = format('%s: %s lines of %s, debit %s, credit %s, total %s',
                            NEW.number, sums.n, NEW.line_count, sums.debit, sums.credit, NEW.total);
    END IF;
    RETURN NULL;
END $body$;
"""

# One function for all three events: the transition table is called `touched` in each trigger.
LINES = """
CREATE FUNCTION finance_voucherline_guard() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE bad record;
BEGIN
    EXECUTE format('SELECT 1 FROM %I.finance_voucher v WHERE v.state = ''draft'' '
                   'AND v.id IN (SELECT voucher_id FROM touched) ORDER BY v.id FOR SHARE', TG_TABLE_SCHEMA);
    IF TG_OP <> 'INSERT' THEN
        EXECUTE format('SELECT v.number FROM %I.finance_voucher v WHERE v.state <> ''draft'' '
                       'AND v.id IN (SELECT voucher_id FROM touched) LIMIT 1', TG_TABLE_SCHEMA) INTO bad;
        IF bad.number IS NULL AND TG_OP = 'UPDATE' THEN
            EXECUTE format('SELECT v.number FROM %I.finance_voucher v WHERE v.state <> ''draft'' '
                           'AND v.id IN (SELECT voucher_id FROM was) LIMIT 1', TG_TABLE_SCHEMA) INTO bad;
        END IF;
        IF bad.number IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
                'posted|Lines of a posted voucher are never changed or deleted.', DETAIL = bad.number;
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN NULL;
        END IF;
    END IF;
    EXECUTE format('SELECT v.number, count(*) AS n FROM %I.finance_voucherline l '
                   'JOIN %I.finance_voucher v ON v.id = l.voucher_id WHERE v.state <> ''draft'' '
                   'AND v.id IN (SELECT voucher_id FROM touched) GROUP BY v.id HAVING count(*) > v.line_count LIMIT 1',
                   TG_TABLE_SCHEMA, TG_TABLE_SCHEMA) INTO bad;
    IF bad.number IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'posted|A posted voucher takes no further lines.', DETAIL = bad.number;
    END IF;
    EXECUTE format('SELECT a.code FROM touched t JOIN %I.finance_account a ON a.id = t.account_id '
                   'WHERE NOT (a.postable AND a.is_active) LIMIT 1', TG_TABLE_SCHEMA) INTO bad;
    IF bad.code IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'not_postable|This account cannot be posted to. Choose an account below it, or open it for posting.',
            DETAIL = bad.code;
    END IF;
    EXECUTE format('SELECT t.id FROM touched t JOIN %I.finance_voucher v ON v.id = t.voucher_id WHERE '
                   'scale(trim_scale(t.debit + t.credit)) > %I.finance_currency_digits(v.book_currency) '
                   'OR scale(trim_scale(t.amount)) > %I.finance_currency_digits(t.currency) LIMIT 1',
                   TG_TABLE_SCHEMA, TG_TABLE_SCHEMA, TG_TABLE_SCHEMA) INTO bad;
    IF bad.id IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'too_many_digits|An amount has more decimals than its currency allows.';
    END IF;
    RETURN NULL;
END $body$;
"""

# Rows by which ageing is told stay: an allocation only goes planned → active → undone.
ALLOCATION = """
CREATE FUNCTION finance_allocation_guard() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'planned' THEN
            RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
                'allocated|An allocation is never deleted; undo it instead.';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state <> 'planned' AND (
        NOT (OLD.state = 'active' AND NEW.state = 'undone' AND NEW.undone_on >= OLD.allocated_on)
        OR to_jsonb(OLD) - ARRAY['state', 'undone_on'] <> to_jsonb(NEW) - ARRAY['state', 'undone_on']) THEN
        RAISE EXCEPTION USING ERRCODE = 'KT001', MESSAGE =
            'allocated|An allocation is never changed; it can only be undone.';
    END IF;
    RETURN NEW;
END $body$;
"""


def _function(sql: str) -> migrations.RunSQL:
    name = sql.split("CREATE FUNCTION ")[1].split(" RETURNS")[0].replace("code text", "text")
    return migrations.RunSQL(sql, f"DROP FUNCTION {name}")


def _trigger(name: str, table: str, rest: str, kind: str = "TRIGGER") -> migrations.RunSQL:
    event, _sep, how = rest.partition(" | ")
    return migrations.RunSQL(f"CREATE {kind} {name} {event} ON {table} {how}", f"DROP TRIGGER {name} ON {table}")


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0001_initial"), ("documents", "0002_guards"), ("calendars", "0001_initial"),
        ("configuration", "0002_guards"),
    ]

    operations = [
        _function(DIGITS), _function(VOUCHER), _function(BALANCED), _function(LINES), _function(ALLOCATION),
        _trigger("finance_voucher_guard", "finance_voucher",
                 "BEFORE INSERT OR UPDATE OR DELETE | FOR EACH ROW EXECUTE FUNCTION finance_voucher_guard()"),
        _trigger("finance_voucher_number", "finance_voucher",
                 "BEFORE INSERT OR DELETE OR UPDATE OF number | FOR EACH ROW EXECUTE FUNCTION documents_gapless_number()"),
        _trigger("finance_voucher_balanced", "finance_voucher",
                 "AFTER INSERT OR UPDATE OF state | DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
                 "WHEN (NEW.state = 'posted') EXECUTE FUNCTION finance_voucher_balanced()", "CONSTRAINT TRIGGER"),
        _trigger("finance_voucherline_added", "finance_voucherline",
                 "AFTER INSERT | REFERENCING NEW TABLE AS touched FOR EACH STATEMENT "
                 "EXECUTE FUNCTION finance_voucherline_guard()"),
        _trigger("finance_voucherline_changed", "finance_voucherline",
                 "AFTER UPDATE | REFERENCING OLD TABLE AS was NEW TABLE AS touched FOR EACH STATEMENT "
                 "EXECUTE FUNCTION finance_voucherline_guard()"),
        _trigger("finance_voucherline_deleted", "finance_voucherline",
                 "AFTER DELETE | REFERENCING OLD TABLE AS touched FOR EACH STATEMENT "
                 "EXECUTE FUNCTION finance_voucherline_guard()"),
        _trigger("finance_allocation_guard", "finance_allocation",
                 "BEFORE UPDATE OR DELETE | FOR EACH ROW EXECUTE FUNCTION finance_allocation_guard()"),
        *(watch(f"finance_{name}", "chart") for name in (
            "account", "journal", "postingrule", "postingruleline", "accountrule", "moneyaccount"
        )),
    ]
