"""What a process keeps of seldom changed tables counts until the next write, whoever writes and however."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import connection, transaction

from kontor.configuration import kept as keeping
from kontor.configuration.api import get
from kontor.context import Context
from kontor.documents import numbering


def _again(ctx: Context) -> Context:
    return replace(ctx, cache={})


def _statements(deed: Any) -> list[str]:
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        deed()
    return seen


def test_a_second_call_reads_the_stamps_alone(ctx: Context) -> None:
    get("company.name", _again(ctx))
    seen = _statements(lambda: get("company.name", _again(ctx)))
    assert len(seen) == 1 and "configuration_stamp" in seen[0]


def test_a_write_past_everything_is_seen_by_the_next_call(ctx: Context) -> None:
    assert get("company.name", _again(ctx)) == "Alpha"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE configuration_setting SET value = '\"Other\"' WHERE name = 'company.name'")
    assert get("company.name", _again(ctx)) == "Other"
    dates = [ctx.today]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_numberrule (id, resource, pattern) VALUES (gen_random_uuid(), 'x.y', 'X{n:02}')"
        )
    assert numbering.give("x.y", "Y{n}", dates, ctx=_again(ctx)) == ["X01"]


def test_what_was_rolled_back_is_not_kept(ctx: Context) -> None:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("UPDATE configuration_setting SET value = '\"Gone\"' WHERE name = 'company.name'")
            assert get("company.name", _again(ctx)) == "Gone"
            raise InterruptedError
    except InterruptedError:
        pass
    assert get("company.name", _again(ctx)) == "Alpha"


def test_what_was_written_while_it_was_read_is_not_kept_for_others(ctx: Context) -> None:
    loads: list[int] = []

    def load() -> int:
        if not loads:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE configuration_setting SET value = value WHERE name = 'company.name'")
        loads.append(1)
        return len(loads)

    assert keeping.kept(_again(ctx), "settings", "a test's own", load) == 1
    assert keeping.kept(_again(ctx), "settings", "a test's own", load) == 2
    assert keeping.kept(_again(ctx), "settings", "a test's own", load) == 2
