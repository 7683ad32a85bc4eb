"""What a dictionary's payload must look like: the module that reads it declares its shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kontor.errors import FieldError
from kontor.values.parsing import PARSERS
from kontor.values.wording import listed
from kontor.values.writing import as_json


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a payload: its kind (integer, boolean, percent, text …) and bounds."""

    kind: str
    label: Any
    least: int | None = None
    most: int | None = None


_shapes: dict[str, Mapping[str, Part]] = {}


def shape(dictionary: str, parts: Mapping[str, Part]) -> None:
    """Declare what the entries of a dictionary may carry."""
    _shapes[dictionary] = parts


def checked(dictionary: str, payload: Any, at: str) -> tuple[dict[str, Any], list[FieldError]]:
    """The payload with every value typed and written as JSON, and what is wrong with it."""
    parts = _shapes.get(dictionary)
    if not isinstance(payload, dict):
        return {}, [FieldError(f"{at}/payload", "invalid", _("An object with named values is expected here."))]
    if parts is None:
        return payload, []
    out: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, raw in payload.items():
        pointer = f"{at}/payload/{name}"
        part = parts.get(name)
        if part is None:
            known = listed(parts)
            said = _("There is no such detail; known are: %(known)s.") % {"known": known}
            errors.append(FieldError(pointer, "unknown_field", said))
            continue
        if raw is None or raw == "":
            continue
        try:
            value = PARSERS[part.kind](raw)
            if (part.least is not None and value < part.least) or (part.most is not None and value > part.most):
                raise ValueError(_("A value from %(a)s to %(b)s is expected.") % {"a": part.least, "b": part.most})
        except ValueError as error:
            errors.append(FieldError(pointer, "invalid", str(error)))
            continue
        out[name] = as_json(value)
    return out, errors
