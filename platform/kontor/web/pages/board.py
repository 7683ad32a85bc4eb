"""The board: lanes by one field, cards, and the action that leads from lane to lane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kontor.context import Context
from kontor.errors import NotFound
from kontor.resources.declaration import words
from kontor.resources.spec import Field, Spec
from kontor.surfaces.query import Page, matching_rows, select
from kontor.web import lists, showing
from kontor.web.lists import State
from kontor.web.signing import signed_in

CARDS = 20


@dataclass(frozen=True, slots=True)
class Card:
    """One record on the board: what, who, how much, when, owner."""

    id: str
    href: str
    title: Any
    lines: list[Any]
    mark: Any
    amount: Any
    date: Any
    person: Any
    moves: str  # the lanes it can go to, "lane:action" in a row


@dataclass(frozen=True, slots=True)
class Lane:
    """One value of the board's field with its count and sum."""

    value: str
    label: str
    count: int
    sums: list[str]
    cards: list[Card]
    rest: int
    href: str
    more: str = ""  # where its further cards come from


def lanes(ctx: Context, spec: Spec, state: State) -> dict[str, Any]:
    """One query for counts and sums, one a lane for its first cards."""
    assert spec.board is not None
    f = spec.fields[spec.board.by]
    ask = lists.ask(ctx, state, ())
    money = next((n for n in (*spec.sums, *words(spec.board.card)) if spec.fields[n].kind == "amount"), "")
    told = _told(ctx, spec, ask, f, money)
    values = spec.states if f.name == "state" and spec.states else f.choices
    shown = [(str(v), label) for v, label in values if _is_asked(state, f.name, str(v))]
    out = []
    for value, label in shown:
        count, sums = told.get(value, (0, []))
        one = _lane_state(spec, state, value)
        cards, more = _cards(ctx, spec, one, value) if count else ([], "")
        href = State(spec.path, one.filters, q=state.q).url()
        out.append(Lane(value, str(label), count, sums, cards, max(0, count - len(cards)), href, more))
    return {"lanes": out, "may_move": any(c.moves for lane in out for c in lane.cards)}


@signed_in
def more(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """Further cards of one lane, for the button at its end."""
    if spec.board is None:
        raise NotFound
    state = lists.read(spec, request.GET)
    value = state.filters.get(spec.board.by, "")
    cards, following = _cards(ctx, spec, state, value)
    return render(request, "kontor/board/cards.html", {"spec": spec, "cards": cards, "more": following})


def _lane_state(spec: Spec, state: State, value: str) -> State:
    assert spec.board is not None
    by = spec.board.by
    filters = {k: v for k, v in state.filters.items() if k not in lists.filters_of(state, by)}
    return State(spec.path, {**filters, by: value}, q=state.q, order=state.order)


def _cards(ctx: Context, spec: Spec, state: State, lane: str) -> tuple[list[Card], str]:
    """The next cards of a lane and the address of those behind them."""
    assert spec.board is not None
    names = tuple(
        dict.fromkeys([*words(spec.board.card), spec.board.by, *(n for n in (spec.title,) if n in spec.fields)])
    )
    page = select(ctx, spec, replace(lists.ask(ctx, state, names, count=""), limit=CARDS))
    cards = [_card(ctx, spec, page, row, lane) for row in page.rows]
    if not page.next_cursor:
        return cards, ""
    query = urlencode(replace(state, cursor=page.next_cursor, before=state.before + CARDS).params())
    return cards, f"/{spec.path}/lane/?{query}"


def _told(ctx: Context, spec: Spec, ask: Any, f: Field, money: str) -> dict[str, tuple[int, list[str]]]:
    """Count and sums (one a currency) of each lane."""
    rows = matching_rows(ctx, spec, ask).order_by()
    currency = spec.fields[money].currency if money and ctx.rights.sees(spec.fields[money].guard) else ""
    path = spec.fields[money].path if money else ""
    keys = [f.path, *([currency] if currency else [])]
    extra = {"_sum": Sum(path)} if currency else {}
    out: dict[str, tuple[int, list[str]]] = {}
    for row in rows.values(*keys).annotate(_n=Count("pk"), **extra):
        count, sums = out.get(str(row[f.path]), (0, []))
        if currency:
            value: Decimal = row["_sum"] or Decimal(0)
            sums = [*sums, showing.figure(value, row[currency] or ctx.currency, ctx.language)]
        out[str(row[f.path])] = (count + row["_n"], sums)
    return out


def _is_asked(state: State, name: str, value: str) -> bool:
    """Whether the filters leave the lane on the board."""
    for key in lists.filters_of(state, name):
        given = state.filters[key].split(",")
        if key.endswith("__ne") and value in given:
            return False
        if key in (name, f"{name}__in") and value not in given:
            return False
    return True


def _card(ctx: Context, spec: Spec, page: Page, row: Mapping[str, Any], lane: str) -> Card:
    assert spec.board is not None
    title, amount, date, person, mark, lines = None, None, None, None, None, []
    for name in words(spec.board.card):
        f = spec.fields[name]
        if name not in row or name == spec.board.by:
            continue
        html = showing.cell(ctx, spec, f, row, page.plan.currencies)
        if name in ("number", "name") or name == spec.title:
            title = str(row[name] or "")
        elif f.kind == "amount" and amount is None:
            amount = html
        elif f.kind in ("date", "instant") and date is None and row[name] is not None:
            date = html
        elif f.relation == "organization.employee" and row[name] is not None:
            person = str(row.get(f"{name}__title") or "")
        elif row[name] not in (None, ""):
            lines.append(html)
            mark = mark or row.get(f"{name}__mark")
    if not title:
        title = str(row.get(spec.title) or (lines.pop(0) if lines else "–"))
    href = f"/{spec.path}/{row['id']}/"
    return Card(str(row["id"]), href, title, lines, mark, amount, date, person, _moves(ctx, spec, lane))


def _moves(ctx: Context, spec: Spec, lane: str) -> str:
    """Which lanes the card may go to, and by which action."""
    if spec.board is None or spec.board.by != "state":
        return ""
    found: dict[str, str] = {}
    for act in spec.actions.values():
        if (
            act.to
            and act.to != lane
            and (not act.sources or lane in act.sources)
            and ctx.rights.can(spec.name, act.name)
        ):
            found.setdefault(act.to, act.name)
    return " ".join(f"{to}:{name}" for to, name in found.items())
