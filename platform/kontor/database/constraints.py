"""What the database refused, as a sentence: the constraint's name leads back to its declaration.

Names are compared with a trailing ``_<digits>`` stripped (shards add one). Trigger functions raise
SQLSTATE ``KT001`` with a code and an English sentence: ``code|sentence``.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from django.apps import apps
from django.db import IntegrityError, OperationalError
from django.db.models import CheckConstraint, UniqueConstraint
from django.db.utils import DatabaseError, InternalError
from django.utils.translation import gettext as _

from kontor.errors import FieldError, Invalid, Refused

TRIGGER_STATE = "KT001"


@contextmanager
def explained() -> Iterator[None]:
    """Turn violations of constraints, triggers and lock time-outs into refusals for people."""
    try:
        yield
    except (IntegrityError, InternalError, OperationalError, DatabaseError) as error:
        refusal = explain(error)
        if refusal is None:
            raise
        raise refusal from error
    except decimal.InvalidOperation as error:  # a product of large numbers has more digits than can be rounded
        raise Refused(_("A number became too large to be stored."), code="too_large") from error


def explain(error: Exception) -> Refused | None:
    """The refusal behind a database error; None if it is a fault and no refusal."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error):
        return None
    state, diag = cause.sqlstate, cause.diag
    if state == TRIGGER_STATE:
        code, _sep, sentence = (diag.message_primary or "").partition("|")
        return Refused(_(sentence), code=code)
    if state in ("55P03", "40P01", "40001", "XX000"):
        return Refused(_("Somebody else is working on the same records right now. Try again in a moment."), code="busy")
    name = re.sub(r"_\d+$", "", diag.constraint_name or "")
    if state == "23505":
        return _unique(name, diag.message_detail or "")
    if state == "23503":
        return Refused(_("Other records refer to this one, so it cannot be removed."), code="in_use")
    if state == "23514":
        message = _checks().get(name)
        return Refused(message or _("The rule “%(rule)s” forbids this.") % {"rule": name}, code=name or "check")
    if state in ("22003",):
        return Refused(_("A number became too large to be stored."), code="too_large")
    return None


def _unique(name: str, detail: str) -> Refused:
    fields = _uniques().get(name, ())
    if not fields:
        return Refused(_("There is already a record with these values."), code="already_exists")
    return Invalid(
        [FieldError(f"/{f}", "already_exists", _("There is already a record with this value.")) for f in fields]
    )


@lru_cache(maxsize=1)
def _uniques() -> dict[str, tuple[str, ...]]:
    return {
        c.name: tuple(c.fields)
        for model in apps.get_models()
        for c in model._meta.constraints
        if isinstance(c, UniqueConstraint)
    }


@lru_cache(maxsize=1)
def _checks() -> dict[str, Any]:
    return {
        c.name: c.violation_error_message
        for model in apps.get_models()
        for c in model._meta.constraints
        if isinstance(c, CheckConstraint) and c.violation_error_message
    }
