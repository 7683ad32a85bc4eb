"""Which companies have work for the clock: asked of a hundred schemas in one statement, visiting none.

At a thousand companies most have nothing to do in any five seconds. A shared table of those that have
would be written in every business transaction and could not stand in another database; one read-only
UNION ALL over the partial indexes of the schemas costs the writers nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.utils import ProgrammingError
from django.utils import timezone

from kontor.database.tenancy import connection
from kontor.jobs.running import AHEAD, FORGOTTEN, SILENT

MOST_ATTEMPTS = 12  # of telling an event
_SCHEMAS = 100  # of one statement: two tables each stay far below the locks that a transaction may hold

_QUESTION = """
SELECT %s::int WHERE
  EXISTS (SELECT 1 FROM {schema}.history_outboxevent WHERE done_at IS NULL AND attempts < %s
          AND (next_at IS NULL OR next_at <= %s))
  OR EXISTS (SELECT 1 FROM {schema}.jobs_job WHERE state IN ('waiting', 'running')
             AND coalesce(seen_at, created_at) NOT BETWEEN
                 CASE state WHEN 'waiting' THEN %s::timestamptz ELSE %s::timestamptz END AND %s)
"""


def with_work(tenants: Sequence[Any]) -> Iterator[Any]:
    """Those with events to tell or jobs to take up; all of a part that cannot be asked (a schema just went)."""
    for start in range(0, len(tenants), _SCHEMAS):
        part = tenants[start : start + _SCHEMAS]
        try:
            yield from (part[i] for i in _asked(part))
        except ProgrammingError:
            yield from part


def _asked(part: Sequence[Any]) -> list[int]:
    now = timezone.now()
    questions, params = [], []
    for i, tenant in enumerate(part):
        questions.append(_QUESTION.format(schema=connection.ops.quote_name(tenant.schema_name)))
        params += [i, MOST_ATTEMPTS, now, now - FORGOTTEN, now - SILENT, now + AHEAD]
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(questions), params)
        return sorted(row[0] for row in cursor.fetchall())
