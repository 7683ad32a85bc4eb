"""What is exported for import and imported again changes nothing: for every resource with imports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kontor.context import Context
from kontor.history.models import AuditEvent
from kontor.resources.spec import Spec
from kontor.surfaces.exchange import exporting, tables
from kontor.surfaces.query import Ask
from tests.exchange.conftest import import_file
from tests.factories import make

pytestmark = [pytest.mark.requirement("K17", "K18")]


@pytest.mark.where(lambda s: bool(s.imports))
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_round_trip_changes_nothing(ctx: Context, tmp_path: Path, spec: Spec, form: str):
    ids = [make(ctx, spec.name).pk for _i in range(2)]
    path = tmp_path / f"out.{form}"
    wish = exporting.Wish(format=form, for_import=True)
    assert exporting.export(ctx, spec, Ask(ids=ids), path, wish) == 2
    before = _state(spec, ids)
    events = AuditEvent.objects.exclude(verb="imported").count()
    run, told = import_file(ctx, spec.name, path)
    assert _errors(run) == []
    assert (told.created, told.updated, told.unchanged, told.refused) == (0, 0, 2, 0)
    assert _state(spec, ids) == before
    assert AuditEvent.objects.exclude(verb="imported").count() == events


def test_a_list_as_seen_holds_titles_and_numbers(ctx: Context, tmp_path: Path, any_spec: Spec):
    for form in exporting.FORMATS:
        path = tmp_path / f"seen.{form}"
        count = exporting.export(ctx, any_spec, Ask(), path)
        assert tables.headers(path)
        if count:
            assert len(list(tables.read(path))) == count
    assert AuditEvent.objects.filter(resource=any_spec.name, verb="exported").count() == 2


def _state(spec: Spec, ids: list[Any]) -> Any:
    rows = spec.model._default_manager.filter(pk__in=ids).order_by("pk").values()
    lines = [
        list(s.model._default_manager.filter(**{f"{s.link}_id__in": ids}, **s.where).order_by("pk").values())
        for s in spec.lines.values()
    ]
    return list(rows), lines


def _errors(run: Any) -> list[Any]:
    from kontor.surfaces.exchange.models import ImportChunk

    parts = ImportChunk.objects.filter(run=run).values_list("answers", flat=True)
    return [answer[2] for part in parts for answer in part if answer[2]] + run.errors
