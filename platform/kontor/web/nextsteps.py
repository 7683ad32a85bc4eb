"""The next step of a row in a list: what its reader can do with it now, as one button.

Without more, it is the first main action that the row's state allows. A module that knows better says so in
its ``panels.py``: ``@next_step("sales.order", needs="delivery_state")`` on ``function(ctx, row) -> action name or ""``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kontor.context import Context
from kontor.resources.spec import Action, Spec

COLUMN = "_next"
Choose = Callable[[Context, Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a module knows about the next step, and the fields it looks at."""

    choose: Choose
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A button in the row: done in the list at once (after a preview), or on the record's page."""

    action: Action
    href: str
    here: bool  # in the list itself


_rules: dict[str, Rule] = {}


def next_step(resource: str, *, needs: str = "") -> Callable[[Choose], Choose]:
    """Decorator: the function names the action that comes next for a row of the resource."""

    def keep(choose: Choose) -> Choose:
        _rules[resource] = Rule(choose, tuple(needs.split()))
        return choose

    return keep


def offered(ctx: Context, spec: Spec) -> bool:
    """Whether the list has steps to offer this reader."""
    if not spec.has_state or "state" not in spec.fields:
        return False
    return any(ctx.rights.can(spec.name, a.name) for a in spec.actions.values() if a.main)


def needed(spec: Spec) -> tuple[str, ...]:
    """The fields that the step is decided by."""
    rule = _rules.get(spec.name)
    return ("state", *(rule.needs if rule else ()))


def known_step(ctx: Context, spec: Spec, row: Mapping[str, Any]) -> str | None:
    """The action that the module names for the row, "" for none; None where no module knows better."""
    rule = _rules.get(spec.name)
    return None if rule is None else rule.choose(ctx, row)


def step_of(ctx: Context, spec: Spec, row: Mapping[str, Any]) -> Step | None:
    """The next step of a row; None where nothing is to do, or not by this reader."""
    name = known_step(ctx, spec, row)
    if name is not None:
        act = spec.actions.get(name)
    else:
        act = next((a for a in spec.actions.values() if a.main and row.get("state") in a.sources), None)
    if act is None or not ctx.rights.can(spec.name, act.name):
        return None
    here = not act.makes and not any(i.lines is not None or i.required for i in act.body.values())
    return Step(act, f"/{spec.path}/{row['id']}/do/{act.name}/", here)
