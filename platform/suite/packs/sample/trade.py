"""From the first word to the money: how the sample company's people carry an order through."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Refused
from kontor.history.api import comment
from kontor.resources import registry
from kontor.surfaces import query
from suite.packs.sample import words
from suite.packs.sample.actors import do
from suite.packs.sample.collecting import NEVER, Collecting
from suite.packs.sample.founding import Found
from suite.packs.sample.people import BOOKKEEPER, CONTROLLER, KEEPERS, LEAD
from suite.packs.sample.plan import PlannedOrder
from suite.packs.sample.products import Item, items
from suite.packs.sample.story import Story
from suite.packs.sample.working import last_workday, next_workday, truck_day

ORDER, DELIVERY, INVOICE = "sales.order", "sales.delivery", "sales.invoice"
DAY = dt.timedelta(days=1)
CARRIERS = {"MAIN": "新竹物流", "TC": "大榮貨運", "SZ": "德邦物流"}


@dataclass(slots=True)
class Trade:
    """Carries out planned orders on the story's calendar."""

    story: Story
    found: Found
    money: Collecting
    item: dict[str, Item] = field(default_factory=lambda: {i.code: i for i in items()})

    def plan(self, o: PlannedOrder) -> None:
        """Put the order's first step on the calendar."""
        seller = o.firm.seller
        minute = o.n * 7 % 50
        if o.quoted_on:
            actor = LEAD if o.by_hand else seller
            self.story.at(o.quoted_on, 930, actor, partial(self._quote, o), minute)
        else:
            actor = LEAD if o.by_hand else seller
            self.story.at(o.ordered_on, 1000, actor, partial(self._order, o), minute)

    def _data(self, o: PlannedOrder) -> dict[str, Any]:
        lines: list[dict[str, Any]] = []
        for code, quantity in o.lines:
            item = self.item[code]
            line: dict[str, Any] = {"product": str(self.found.products[code]), "quantity": str(quantity)}
            if o.firm.language != "zh-hant":
                line["description"] = item.simplified if o.firm.language == "zh-hans" else item.english
            lines.append(line)
        if o.by_hand:
            price = self.item[o.lines[0][0]].price * Decimal("0.86")
            lines[0]["unit_price"] = str(price.quantize(Decimal(1)))
        return {
            "customer": str(self.found.customers[o.customer]),
            "owner": str(self.found.employees[o.firm.seller]),
            "customer_reference": "" if o.outcome in ("sent", "draft_quote", "lost", "expired") else o.reference,
            "lines": lines,
        }

    # Quotations

    def _quote(self, o: PlannedOrder, ctx: Context) -> None:
        assert o.quoted_on is not None
        made = gate.create(ctx, "sales.quotation", self._data(o))
        if o.outcome == "draft_quote":
            return
        self.story.act(o.quoted_on, 1630, o.firm.seller, "sales.quotation", "send", made.pk, to=o.firm.email)
        day = next_workday(o.quoted_on + DAY)
        if o.revised and day < o.ordered_on:
            self.story.at(day, 1110, LEAD, partial(self._revise, o, made.pk), o.n % 40)
        else:
            self._answer(o, made.pk)

    def _revise(self, o: PlannedOrder, pk: Any, ctx: Context) -> None:
        comment(ctx, "sales.quotation", pk, words.revised(o.firm.language))
        new = do(ctx, "sales.quotation", pk, "revise")
        spec = registry.spec("sales.quotation")
        (first, *rest) = query.lines_of(ctx, spec, [new.pk], ["lines"])["lines"][new.pk]
        lines: list[dict[str, Any]] = [{"id": str(first["id"]), "discount": str(first["discount"] + Decimal("0.03"))}]
        lines += [{"id": str(row["id"])} for row in rest]
        gate.update(ctx, "sales.quotation", new.pk, {"lines": lines})
        self.story.act(ctx.today, 1630, LEAD, "sales.quotation", "send", new.pk, to=o.firm.email)
        self._answer(o, new.pk)

    def _answer(self, o: PlannedOrder, pk: Any) -> None:
        seller, minute = o.firm.seller, o.n * 7 % 50
        if o.outcome == "lost":
            reason = words.lost(o.firm.language, o.n)
            self.story.act(o.ordered_on, 1500, seller, "sales.quotation", "reject", pk, reason=reason)
        elif o.outcome == "expired":
            assert o.quoted_on is not None
            day = next_workday(o.quoted_on + 32 * DAY)
            self.story.act(day, 900, seller, "sales.quotation", "expire", pk)
        elif o.outcome == "order":
            self.story.at(o.ordered_on, 1000, seller, partial(self._accept, o, pk), minute)

    def _accept(self, o: PlannedOrder, pk: Any, ctx: Context) -> None:
        made = do(ctx, "sales.quotation", pk, "accept")
        gate.update(ctx, ORDER, made.pk, {"promised_on": str(o.promised_on)})
        self._ordered(o, made.pk)

    # Orders

    def _order(self, o: PlannedOrder, ctx: Context) -> None:
        data = {**self._data(o), "promised_on": str(o.promised_on), "warehouse": str(self.found.houses[o.firm.house])}
        made = gate.create(ctx, ORDER, data)
        if o.outcome != "draft_order":
            self._ordered(o, made.pk)

    def _ordered(self, o: PlannedOrder, pk: Any) -> None:
        self.story.at(o.ordered_on, 1110, o.firm.seller, partial(self._confirm, o, pk), o.n * 11 % 45)

    def _confirm(self, o: PlannedOrder, pk: Any, ctx: Context) -> None:
        if o.quoted_on:
            gate.update(ctx, ORDER, pk, {"warehouse": str(self.found.houses[o.firm.house])})
        try:
            do(ctx, ORDER, pk, "confirm")
        except Refused as refused:
            if refused.code != "credit_exceeded":
                raise
            comment(ctx, ORDER, pk, words.over_limit(o.firm.language))
            day = next_workday(ctx.today + DAY)
            if int(o.firm.habit) >= NEVER:  # who does not pay gets nothing more
                self.story.act(day, 1340, LEAD, ORDER, "cancel", pk, reason=words.UNPAID)
            elif (self.story.today - ctx.today).days > 12:  # a recent one waits for the head of sales
                self.story.at(day, 1340, LEAD, partial(self._override, o, pk), o.n % 30)
            return
        self._confirmed(o, pk, ctx)

    def _override(self, o: PlannedOrder, pk: Any, ctx: Context) -> None:
        do(ctx, ORDER, pk, "override_credit", reason=words.OVERRIDE)
        self._confirmed(o, pk, ctx)

    def _confirmed(self, o: PlannedOrder, pk: Any, ctx: Context) -> None:
        if said := words.remark(o.firm.language, o.n):
            comment(ctx, ORDER, pk, said)
        if o.outcome == "cancelled":
            day = next_workday(ctx.today + 2 * DAY)
            self.story.act(day, 1420, LEAD, ORDER, "cancel", pk, reason=words.cancelled(o.firm.language))
            return
        if o.firm.term == "DEP30":
            self.story.act(ctx.today, 1400, BOOKKEEPER, ORDER, "invoice", pk, self._deposit_drawn, kind="deposit")
        for n, day in enumerate(o.shipped_on):
            self._draw_up(o, pk, max(day, next_workday(ctx.today + DAY)), part=n + 1 < len(o.shipped_on))

    def _deposit_drawn(self, ctx: Context, invoice: Any) -> None:
        self.story.act(ctx.today, 1530, CONTROLLER, INVOICE, "post", invoice.pk, self.money.owed)

    # Goods

    def _draw_up(self, o: PlannedOrder, pk: Any, day: dt.date, *, part: bool = False, tries: int = 0) -> None:
        """The keeper draws the delivery up on the eve and ships on the day."""
        eve = max(last_workday(day - DAY), o.ordered_on + DAY)
        keeper = KEEPERS[o.firm.house]
        self.story.at(eve, 1640, keeper, partial(self._deliver, o, pk, day, part, tries), o.n % 15)

    def _deliver(self, o: PlannedOrder, pk: Any, day: dt.date, part: bool, tries: int, ctx: Context) -> None:
        body: dict[str, Any] = {}
        if part:
            rows = query.lines_of(ctx, registry.spec(ORDER), [pk], ["lines"])["lines"][pk]
            goods = [row for row in rows if row["reserved"]][:-1]
            body["lines"] = [{"line": str(row["id"]), "quantity": str(row["reserved"])} for row in goods]
        try:
            made = do(ctx, ORDER, pk, "deliver", **body)
        except Refused:
            if tries < 4:
                self._draw_up(o, pk, truck_day(day + 4 * DAY), tries=tries + 1)
            return
        keeper, house = KEEPERS[o.firm.house], o.firm.house
        carrier = CARRIERS[house] if o.firm.country in ("TW", "CN") else "DHL Global Forwarding"
        tracking = f"{house[0]}{day:%y%m%d}{o.n:04d}"
        gate.update(ctx, DELIVERY, made.pk, {"carrier": carrier, "tracking": tracking, "planned_on": str(day)})
        self.story.act(day, 1530, keeper, DELIVERY, "ship", made.pk, partial(self._shipped, o, pk, tries))

    def _shipped(self, o: PlannedOrder, pk: Any, tries: int, ctx: Context, delivery: Any) -> None:
        today = ctx.today
        self.story.act(today, 1640, BOOKKEEPER, ORDER, "invoice", pk, partial(self._invoiced, o))
        if o.comes_back:
            o.comes_back = False
            day = next_workday(today + 9 * DAY)
            self.story.at(day, 1010, o.firm.seller, partial(self._take_back, o, delivery.pk))
        row = query.one(ctx, registry.spec(ORDER), pk, ("delivery_state",))
        if row["delivery_state"] == "part" and today >= o.shipped_on[-1] and tries < 5:
            self._draw_up(o, pk, truck_day(today + 5 * DAY), tries=tries + 1)

    def _invoiced(self, o: PlannedOrder, ctx: Context, invoice: Any) -> None:
        fresh = (self.story.today - ctx.today).days <= 5  # those of the last truck wait for the accountant
        day = self.story.today if fresh else next_workday(ctx.today + DAY)
        self.story.act(day, 1010, CONTROLLER, INVOICE, "post", invoice.pk, partial(self._posted, o))

    def _posted(self, o: PlannedOrder, ctx: Context, invoice: Any) -> None:
        self.money.owed(ctx, invoice, part=o.pays_part)
        if o.note:
            o.note = False
            day = next_workday(ctx.today + 6 * DAY)
            self.story.at(day, 1050, CONTROLLER, partial(self._allow, o, invoice.pk))

    # What comes back

    def _take_back(self, o: PlannedOrder, pk: Any, ctx: Context) -> None:
        rows = query.lines_of(ctx, registry.spec(DELIVERY), [pk], ["lines"])["lines"][pk]
        row = max(rows, key=lambda r: r["done"])
        some = max(Decimal(1), (row["done"] / 5).to_integral_value())
        lines = [{"line": str(row["id"]), "quantity": str(some)}]
        reason = words.returned(o.firm.language, o.n)
        made = do(ctx, DELIVERY, pk, "take_back", lines=lines, reason=reason)
        day = next_workday(ctx.today + 3 * DAY)
        keeper = KEEPERS[o.firm.house]
        into = "scrap" if o.n % 3 == 0 else "usable"
        self.story.act(day, 1440, keeper, "sales.return", "receive", made.pk, partial(self._back, o), into=into)

    def _back(self, o: PlannedOrder, ctx: Context, goods: Any) -> None:
        day = next_workday(ctx.today + DAY)
        self.story.act(day, 930, o.firm.seller, "sales.return", "credit", goods.pk, self._credit_drawn)

    def _credit_drawn(self, ctx: Context, note: Any) -> None:
        day = next_workday(ctx.today + DAY)
        self.story.act(day, 1010, CONTROLLER, INVOICE, "post", note.pk)

    def _allow(self, o: PlannedOrder, pk: Any, ctx: Context) -> None:
        """An allowance: one piece of the first line is credited without coming back."""
        rows = query.lines_of(ctx, registry.spec(INVOICE), [pk], ["lines"])["lines"][pk]
        lines = [{"line": str(rows[0]["id"]), "quantity": "1"}]
        reason = words.allowance(o.firm.language)
        note = do(ctx, INVOICE, pk, "credit", lines=lines, reason=reason)
        self._credit_drawn(ctx, note)
