"""``python -m tests.faults.proving COMPANY``: what does not hold in a company's books, as one JSON list.

Asked of the database and of the modules' own proofs, by sums and counts that no caller can fake.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import django

# What each finds is wrong: name → statement whose rows name the culprits.
_QUESTIONS = {
    "doubled order number": "SELECT number FROM sales_order WHERE number <> '' GROUP BY number HAVING count(*) > 1",
    "order whose net is not its lines'": """
        SELECT o.id::text FROM sales_order o JOIN sales_orderline l ON l.document_id = o.id
        GROUP BY o.id HAVING sum(l.amount) + o.freight <> o.net OR o.net + o.tax <> o.total""",
    "order without lines": """
        SELECT id::text FROM sales_order o
         WHERE NOT EXISTS (SELECT 1 FROM sales_orderline l WHERE l.document_id = o.id)""",
    "gap or double in gapless numbers": """
        SELECT what || ' ' || series FROM (
            SELECT 'invoice' AS what, regexp_replace(number, '[0-9]+$', '') AS series,
                   substring(number FROM '[0-9]+$')::int AS n
              FROM sales_invoice WHERE number <> ''
            UNION ALL
            SELECT 'voucher', regexp_replace(number, '[0-9]+$', ''), substring(number FROM '[0-9]+$')::int
              FROM finance_voucher WHERE number <> '') AS all_numbers
        GROUP BY what, series HAVING count(*) <> count(DISTINCT n) OR min(n) <> 1 OR max(n) <> count(*)""",
    "posted invoice without number": "SELECT id::text FROM sales_invoice WHERE state = 'posted' AND number = ''",
    "unbalanced voucher": """
        SELECT voucher_id::text FROM finance_voucherline GROUP BY voucher_id HAVING sum(debit) <> sum(credit)""",
    "trial balance": """
        SELECT sum(debit)::text || ' / ' || sum(credit)::text FROM finance_voucherline
        HAVING sum(debit) <> sum(credit)""",
    "posted invoice without its open item": """
        SELECT i.id::text FROM sales_invoice i LEFT JOIN finance_openitem o ON o.id = i.id
         WHERE i.state = 'posted' AND (o.id IS NULL OR o.amount <> i.total - i.advance)""",
    "open item without its invoice": """
        SELECT o.id::text FROM finance_openitem o LEFT JOIN sales_invoice i ON i.id = o.id
         WHERE o.source_resource = 'sales.invoice' AND (i.id IS NULL OR i.state <> 'posted')""",
    "source posted twice": """
        SELECT source_id::text FROM finance_voucher WHERE source_id IS NOT NULL
        GROUP BY source_id, event HAVING count(*) > 1""",
    "unfinished job": "SELECT kind || ' ' || state || ' ' || error FROM jobs_job WHERE state <> 'done'",
    "event not told": "SELECT name || ' ' || error FROM history_outboxevent WHERE done_at IS NULL",
    "key without answer": "SELECT key FROM documents_idempotencykey WHERE status IS NULL",
    "deed without audit": """
        SELECT o.id::text FROM sales_order o
         WHERE NOT EXISTS (SELECT 1 FROM history_auditevent a WHERE a.record_id = o.id AND a.verb = 'created')""",
}


def differences(company: str) -> Iterator[str]:
    """A line for each thing that does not hold."""
    from django.db import connection

    from kontor.identity.api import system_context
    from suite.inventory.api import prove
    from tenants.provisioning import in_tenant

    with in_tenant(company):
        with connection.cursor() as cursor:
            for what, question in _QUESTIONS.items():
                cursor.execute(question)
                rows = cursor.fetchall()
                if rows:
                    yield f"{what}: {len(rows)}, such as {', '.join(str(row[0]) for row in rows[:3])}"
        for found in prove(system_context("faults")):
            yield f"inventory {found}"


if __name__ == "__main__":
    django.setup()
    print(json.dumps(list(differences(sys.argv[1]))))
