"""What people call records, by their ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kontor.resources.spec import Spec


def titles_of(spec: Spec, ids: Iterable[Any]) -> dict[Any, str]:
    """Id → title, empty where a record has none yet; one query, whoever may see them."""
    rows = spec.model._default_manager.filter(pk__in=list(ids)).values_list("pk", spec.title_path)
    return {pk: str(title or "") for pk, title in rows}
