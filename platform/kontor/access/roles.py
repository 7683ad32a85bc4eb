"""The roles that every country pack brings; their verbs stand in each resource's declaration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

OWN, DEPARTMENT, BELOW, BRANCH, ALL = "own", "department", "below", "branch", "all"
WIDTH = {OWN: 0, DEPARTMENT: 1, BELOW: 2, BRANCH: 3, ALL: 4}
SCOPES = [
    (OWN, _("own")),
    (DEPARTMENT, _("department")),
    (BELOW, _("department and below")),
    (BRANCH, _("branch")),
    (ALL, _("all")),
]


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A role as shipped: default scope, guarded fields seen, and verbs over everything if any."""

    label: Any
    scope: str
    sees: frozenset[str]
    everywhere: frozenset[str] = frozenset()


COST, CREDIT = "cost", "credit"
BUILT_IN: dict[str, BuiltIn] = {
    "admin": BuiltIn(_("Administrator"), ALL, frozenset({COST, CREDIT}), frozenset({"**"})),
    "manager": BuiltIn(_("Manager"), ALL, frozenset({COST, CREDIT}), frozenset({"**"})),
    "sales_lead": BuiltIn(_("Sales lead"), BELOW, frozenset({COST, CREDIT})),
    "sales": BuiltIn(_("Sales"), OWN, frozenset({CREDIT})),
    "purchasing": BuiltIn(_("Purchasing"), ALL, frozenset({COST})),
    "warehouse": BuiltIn(_("Warehouse"), ALL, frozenset()),
    "accountant": BuiltIn(_("Accountant"), ALL, frozenset({COST, CREDIT})),
    "viewer": BuiltIn(_("Viewer"), ALL, frozenset(), frozenset({"view", "export"})),
}
