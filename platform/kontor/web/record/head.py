"""The sticky head: who and what, the state, what can be done now and what later, the bar of steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kontor.documents.models import StatusChange
from kontor.history.models import AuditEvent
from kontor.resources.spec import Action
from kontor.surfaces.printing import Printout, printouts
from kontor.values.wording import either
from kontor.web import showing
from kontor.web.nextsteps import known_step
from kontor.web.record.course import course_of
from kontor.web.record.reading import Seen

_SHOWN = 2  # further buttons beside the main one; the rest stands in the menu


@dataclass(frozen=True, slots=True)
class Button:
    """An action on the page: open at once, or locked with the reason."""

    action: Action
    href: str
    reason: str = ""
    main: bool = False

    @property
    def asks(self) -> bool:
        """Whether a panel opens first: for values, a warning, or a preview of what it will move and post."""
        return bool(self.action.body or self.action.confirm or self.action.effects)


@dataclass(frozen=True, slots=True)
class Step:
    """One state of the bar: done with who and when, now, or to come."""

    label: str
    look: str = ""  # is-done, is-now or empty
    who: str = ""
    missing: tuple[str, ...] = ()  # what it takes to get there


@dataclass(slots=True)
class Head:
    """Everything the head shows."""

    title: str
    party: dict[str, str] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)
    menu: list[Button] = field(default_factory=list)
    locked: list[Button] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    prints: list[Printout] = field(default_factory=list)
    can_edit: bool = False
    can_delete: bool = False
    edit_reason: str = ""
    is_party: bool = False
    tags: list[str] = field(default_factory=list)


def head_of(seen: Seen) -> Head:
    """The head of a record for its reader."""
    spec, rights = seen.spec, seen.ctx.rights
    prints = [p for p in printouts(spec.name) if not p.needs or rights.can(p.needs, "view")]
    out = Head(seen.title, prints=prints, is_party=not spec.has_state and spec.module == "parties")
    out.party = party_of(seen)
    _actions(seen, out)
    out.steps = steps_of(seen)
    frozen = spec.frozen.get(seen.state, frozenset())
    if spec.editable and rights.can(spec.name, "edit"):
        out.can_edit = "*" not in frozen
        if not out.can_edit:
            out.edit_reason = _("It is %(state)s and can no longer be changed.") % {"state": state_label(seen)}
    out.can_delete = (
        spec.deletable and rights.can(spec.name, "delete") and (not spec.has_state or seen.state == spec.initial)
    )
    tags = seen.row.get("tags")
    out.tags = [str(t) for t in tags] if isinstance(tags, list) else []
    return out


def party_of(seen: Seen) -> dict[str, str]:
    """The customer, supplier or party beside the number."""
    name = party_field(seen)
    if not name:
        return {}
    relation = seen.spec.fields[name].relation
    may = seen.ctx.rights.can(relation, "view")
    href = showing.href(relation, seen.row[name]) if may else ""
    return {"name": str(seen.row[f"{name}__title"]), "href": href}


def party_field(seen: Seen) -> str:
    """The field that holds the party of a document; empty for what has none."""
    if not seen.spec.has_state:
        return ""
    for f in seen.spec.fields.values():
        if f.kind == "reference" and f.relation in ("parties.customer", "parties.supplier", "parties.party"):
            title = str(seen.row.get(f"{f.name}__title") or "")
            if title and title != seen.title:
                return f.name
    return ""


def state_label(seen: Seen) -> str:
    """The word for the present state."""
    return str(dict(seen.spec.states).get(seen.state, seen.state))


def _actions(seen: Seen, out: Head) -> None:
    spec, order = seen.spec, [str(key) for key, _label in seen.spec.states]
    now = order.index(seen.state) if seen.state in order else 0
    over = spec.state_looks.get(seen.state) == "cancelled"
    known = known_step(seen.ctx, spec, seen.row)
    for act in spec.actions.values():
        if not seen.ctx.rights.can(spec.name, act.name):
            continue
        href = f"{seen.href}do/{act.name}/"
        if not act.sources or seen.state in act.sources:
            comes = act.main if known is None else act.name == known
            filled = comes and not any(b.main for b in out.buttons)
            target = (
                out.buttons if act.main or filled or (len(out.buttons) < _SHOWN and not act.sensitive) else out.menu
            )
            target.append(Button(act, href, main=filled))
        elif act.main and not over:
            later = [s for s in act.sources if s in order and order.index(s) > now]
            if later:
                states = dict(spec.states)
                reason = _("Possible once it is: %(states)s.") % {"states": either(states[s] for s in later)}
                out.locked.append(Button(act, href, reason))
    out.buttons.sort(key=lambda b: b.main)
    del out.locked[1:]


def steps_of(seen: Seen) -> list[Step]:
    """The bar of states with who brought the record there and when."""
    spec = seen.spec
    if not spec.steps:
        return []
    reached = _reached(seen)
    told = course_of(seen.ctx, spec.name, seen.row)
    if told:
        return [
            Step(str(s.label), s.look, s.note or (reached.get(s.state, "") if s.look == "is-done" else ""), s.missing)
            for s in told
        ]
    labels = {str(k): str(label) for k, label in spec.states}
    at = spec.steps.index(seen.state) if seen.state in spec.steps else -1
    out = []
    for i, state in enumerate(spec.steps):
        who = reached.get(state, "")
        done = i < at or (at < 0 and bool(who)) or (i == at == len(spec.steps) - 1)
        look = "is-done" if done else "is-now" if i == at else ""
        out.append(Step(labels.get(state, state), look, who if look else ""))
    if at < 0:
        out.append(Step(state_label(seen), "is-now is-off", reached.get(seen.state, "")))
    return out


def _reached(seen: Seen) -> dict[str, str]:
    found: dict[str, str] = {}
    rows = StatusChange.objects.filter(record_id=seen.id, field="state").order_by("at")
    changes = list(rows.values_list("old", "new", "user_name", "at"))
    for _old, new, name, at in changes:
        found[new] = _who(seen, name, at)
    made = AuditEvent.objects.filter(record_id=seen.id, verb="created").values_list("user_name", "at").first()
    if made and seen.spec.initial not in found:
        found[seen.spec.initial] = _who(seen, *made)
    return found


def _who(seen: Seen, name: str, at: Any) -> str:
    return f"{name} {showing.date(timezone.localtime(at).date(), seen.ctx.today)}".strip()
