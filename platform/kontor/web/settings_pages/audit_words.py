"""The audit in the reader's words: deeds, kinds of records, names of values, where a call came from."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kontor.reports.registry import reports
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.values.wording import capital, row_of
from kontor.web import showing
from kontor.web.settings_pages.access import GUARDS


def deed(spec: Spec | None, verb: str) -> str:
    """The deed as people call it: the action's own word, or the verb itself where it has none."""
    act = next((a for a in spec.actions.values() if verb in (a.event, a.name)), None) if spec else None
    return str(act.label) if act else _deeds().get(verb, verb)


def kind(resource: str) -> str:
    """What kind of record a row is about."""
    known = registry.find(resource)
    if known is not None:
        return capital(known.label)
    others = {
        "identity.user": _("User"),
        "identity.apikey": _("API key"),
        "access.role": _("Role"),
        "configuration.setting": _("Settings"),
        "documents.numberrule": _("Numbers"),
        "security": _("Security"),
    }
    return others.get(resource) or next((str(r.label) for r in reports() if r.right == resource), resource)


def name_of(spec: Spec | None, name: str) -> str:
    """What a changed value is called; columns that no surface shows by the model's own word."""
    f = spec.fields.get(name.removesuffix("_id")) if spec else None
    if f is not None:
        return capital(f.label)
    if name in _values():
        return _values()[name]
    if spec is not None:
        try:
            return capital(spec.model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        except FieldDoesNotExist:
            pass
    return str(dict(GUARDS).get(name) or kind(name))


def value_of(spec: Spec | None, name: str, value: Any) -> str:
    """A value in words, cut to what a row holds."""
    f = spec.fields.get(name.removesuffix("_id")) if spec else None
    if f is not None and f.choices:
        value = showing.choice_label(f, value)
    elif f is None and spec is not None:
        value = dict(_choices(spec, name)).get(value, value) if isinstance(value, str) else value
    if isinstance(value, bool):
        value = _("yes") if value else _("no")
    text = row_of(value) if isinstance(value, list) else "–" if value in (None, "") else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def source(word: str) -> str:
    """Where a call came from; another system by its own name."""
    known = {
        "web": pgettext("source of a call", "Browser"),
        "api": pgettext("source of a call", "API"),
        "import": pgettext("source of a call", "Import"),
        "job": pgettext("source of a call", "Background work"),
        "system": pgettext("source of a call", "Kontor"),
    }
    return known.get(word, word)


def _choices(spec: Spec, name: str) -> list[tuple[Any, Any]]:
    try:
        return list(spec.model._meta.get_field(name).choices or ())  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return []


def _deeds() -> dict[str, str]:
    return {
        "created": _("Created"),
        "updated": _("Changed"),
        "deleted": _("Deleted"),
        "commented": _("Commented"),
        "file_added": _("File added"),
        "file_removed": _("File removed"),
        "exported": _("Exported"),
        "imported": _("Imported"),
        "import_undone": _("Import taken back"),
        "reversed": _("Reversed"),
        "closed": pgettext("period", "Closed"),
        "soft_closed": _("Soft-closed"),
        "reopened": _("Reopened"),
        "signed in": _("Signed in"),
        "sign-in failed": _("Sign-in failed"),
        "sign-in locked": _("Sign-in locked"),
        "second factor failed": _("Wrong code of the second factor"),
        "confirmation failed": _("Confirmation failed"),
        "key refused": _("API key refused"),
        "form refused": _("Form without its token refused"),
        "access refused": _("Access refused"),
        "signed out elsewhere": _("Signed out elsewhere"),
        "invited": _("Invited"),
        "activated": _("Activated"),
        "deactivated": _("Deactivated"),
        "password changed": _("Password changed"),
        "password reset": _("Password reset"),
        "mail changed": _("Mail changed"),
        "second factor set up": _("Second factor set up"),
        "recovery codes made": _("Recovery codes made"),
        "second factor removed": _("Second factor removed"),
        "roles changed": _("Roles changed"),
        "issued": pgettext("key", "Issued"),
        "revoked": _("Revoked"),
    }


def _values() -> dict[str, str]:
    return {
        "_said": _("said"),
        "file": _("File"),
        "rows": _("Rows"),
        "columns": _("Columns"),
        "filters": _("Filters"),
        "parameters": _("Parameters"),
        "q": _("Search"),
        "created": _("New"),
        "updated": _("Changed"),
        "refused": _("Refused"),
        "removed": _("Removed"),
        "username": _("User name"),
        "roles": _("Roles"),
        "sessions": _("Sessions"),
        "is_active": _("Active"),
        "email": _("Mail"),
        "path": _("Address"),
        "status": _("Answer"),
        "items": _("Items"),
        "read_only": _("May only read"),
        "kinds": _("Kinds"),
        "days": _("Days"),
        "name": _("Name"),
        "code": _("Code"),
        "company.name": _("Company name"),
        "company.logo": _("Logo"),
        "company.language": _("Language"),
        "company.zone": _("Time zone"),
    }
