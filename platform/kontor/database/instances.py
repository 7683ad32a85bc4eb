"""Models whose rows become instances, and whose new instances get their defaults, without Django's ceremony."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState


class Stored(models.Model):
    """A model of ours: it has no signals, so a row is its values and nothing else."""

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **named: Any) -> None:
        plan = None if args else _blank(type(self))
        if plan is None or not plan.names.issuperset(named):
            super().__init__(*args, **named)
            return
        fresh = self.__dict__
        fresh["_state"] = ModelState()
        fresh.update(plan.values)
        for name, make in plan.makers:
            if name not in named:
                fresh[name] = make()
        fresh.update(named)

    @classmethod
    def from_db(  # type: ignore[override] # the stubs are of a later Django
        cls, db: str | None, field_names: Collection[str], values: Collection[Any]
    ) -> Self:
        if len(values) != len(cls._meta.concrete_fields):
            return super().from_db(db, field_names, values)
        new = cls.__new__(cls)
        state = ModelState()
        state.adding = False
        state.db = db
        new.__dict__["_state"] = state
        new.__dict__.update(zip(field_names, values, strict=True))
        return new


class _Blank:
    """A new instance: what each has alike, and what is made for each."""

    __slots__ = ("makers", "names", "values")

    def __init__(self, fields: Sequence[Any]) -> None:
        self.values: dict[str, Any] = {}
        self.makers: list[tuple[str, Callable[[], Any]]] = []
        for f in fields:
            default = f.get_default()
            made = f.has_db_default() or (f.has_default() and callable(f.default))
            if not made and (default is None or isinstance(default, str | int | bool | Decimal)):
                self.values[f.attname] = default
            else:
                self.makers.append((f.attname, f.get_default))
        self.names = frozenset(f.attname for f in fields)


@lru_cache(maxsize=1_000)
def _blank(model: type[models.Model]) -> _Blank | None:
    """None where Django has more to do: parents' rows, columns that are computed, attributes with a setter."""
    opts = model._meta
    plain = not opts.parents and all(f.column and not f.generated for f in opts.concrete_fields)
    private = any(f.column is None for f in opts.fields) or model.__init__ is not Stored.__init__
    return _Blank(opts.concrete_fields) if plain and not private and not opts.abstract else None
