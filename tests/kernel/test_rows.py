"""Set-based changes of rows refuse what the column refuses."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DataError, transaction

from kontor.database import rows
from kontor.documents.models import StatusChange

pytestmark = pytest.mark.usefixtures("company")


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_too_long_for_its_column_is_refused_and_not_cut(count: int) -> None:
    made = [StatusChange(resource="test", record_id=uuid4(), field="state", old="a") for _ in range(count)]
    StatusChange.objects.bulk_create(made)
    with pytest.raises(DataError), transaction.atomic():
        rows.put(StatusChange, {r.pk: ["x" * 201] for r in made}, ["old"])
    assert {r.old for r in StatusChange.objects.filter(resource="test")} == {"a"}
    rows.put(StatusChange, {r.pk: ["x" * 200] for r in made}, ["old"])
    assert {r.old for r in StatusChange.objects.filter(resource="test")} == {"x" * 200}
