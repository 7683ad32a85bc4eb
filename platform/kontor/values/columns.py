"""Model fields that say what a number means; the declaration derives everything else from them."""

from __future__ import annotations

from typing import Any

from django.db import models
from uuid_utils.compat import uuid7

from kontor import clock


class _Numeric(models.DecimalField):
    """numeric(20,6): room for fourteen digits before the point and six after."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 20)
        kwargs.setdefault("decimal_places", 6)
        super().__init__(*args, **kwargs)


class QuantityField(_Numeric):
    """A quantity; ``unit`` names the sibling field or path that holds its unit."""

    def __init__(self, *args: Any, unit: str = "", **kwargs: Any) -> None:
        self.unit = unit
        super().__init__(*args, **kwargs)


class AmountField(_Numeric):
    """An amount of money with the digits of the currency at ``currency`` (a path from the row)."""

    def __init__(self, *args: Any, currency: str = "currency", **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(*args, **kwargs)


class PriceField(AmountField):
    """A unit price or unit cost: at least the currency's digits, at most six."""


class PercentField(_Numeric):
    """A share of one: 0.05 is five per cent."""


class RateField(models.DecimalField):
    """An exchange rate, numeric(20,10)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 20)
        kwargs.setdefault("decimal_places", 10)
        super().__init__(*args, **kwargs)


class Reference(models.ForeignKey):
    """A foreign key that protects its target and costs no index until a reader asks for one."""

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs.setdefault("related_name", "+")
        kwargs.setdefault("db_index", False)
        super().__init__(to, on_delete, **kwargs)


class CurrencyField(models.CharField):
    """An ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)


class PhoneField(models.CharField):
    """A telephone number as people write it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 60)
        super().__init__(*args, **kwargs)


class StampField(models.DateTimeField):
    """``auto_now`` and ``auto_now_add`` by the clock of the house; to migrations a plain DateTimeField."""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if self.auto_now or (self.auto_now_add and add):
            setattr(model_instance, self.attname, clock.now())
        return getattr(model_instance, self.attname)


class TagsField(models.JSONField):
    """A short list of words that nobody refers to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)


def new_id() -> Any:
    """A UUIDv7: made by the application, ordered by time, unique across tenants and nodes."""
    return uuid7()


class IdField(models.UUIDField):
    """The primary key of every row of ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(primary_key=True, default=new_id, editable=False)
        super().__init__(*args, **kwargs)
