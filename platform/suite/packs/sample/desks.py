"""What lies beside the papers: files, saved views, and what people began yesterday and did not end."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from kontor.context import Context
from kontor.documents import gate
from kontor.history.api import comment, keep
from kontor.resources import registry
from kontor.surfaces.query import Ask, select
from kontor.web.models import SavedView
from suite.packs.sample import papers
from suite.packs.sample.founding import Found
from suite.packs.sample.people import BOOKKEEPER, CONTROLLER, LEAD
from suite.packs.sample.plan import PlannedOrder
from suite.packs.sample.products import items
from suite.packs.sample.story import Story
from suite.packs.sample.working import last_workday

# who, list, name, shared, the list's own parameters
VIEWS: list[tuple[str, str, str, bool, dict[str, str]]] = [
    (LEAD, "sales.order", "逾期未交訂單", True, {"late": "true", "sort": "promised_on"}),
    (LEAD, "sales.order", "大額訂單（50 萬以上）", True, {"total__gte": "500000", "sort": "-total"}),
    (LEAD, "sales.quotation", "待客戶回覆", True, {"state": "sent", "sort": "valid_until"}),
    (
        "E003",
        "sales.order",
        "本月我的訂單",
        False,
        {"owner": "@me", "ordered_on__gte": "@month", "sort": "-ordered_on"},
    ),
    ("E010", "sales.delivery", "今日待出貨", True, {"state": "draft", "sort": "planned_on"}),
    ("E010", "inventory.balance", "缺貨", True, {"available__lte": "0", "sort": "product"}),
    (CONTROLLER, "sales.invoice", "逾期應收", True, {"overdue": "true", "sort": "due_on"}),
    (CONTROLLER, "finance.voucher", "待過帳傳票", True, {"state": "draft", "sort": "date"}),
    ("E007", "parties.customer", "华东客户", True, {"region": "华东", "sort": "name"}),
]


def plan(story: Story, found: Found, orders: list[PlannedOrder]) -> None:
    """Files on the orders of the last weeks; drafts of the last evening; views."""
    eve = last_workday(story.today - dt.timedelta(days=1))
    story.at(eve, 1715, "E010", partial(_count, found))
    story.at(eve, 1725, BOOKKEEPER, _voucher)
    story.at(eve, 1730, BOOKKEEPER, _received)
    story.at(eve, 1735, LEAD, _talk)
    story.at(eve, 1740, LEAD, partial(_files, found))
    for n, (number, *_rest) in enumerate(VIEWS):
        story.at(eve, 1745, number, partial(_view, n), n)


def _count(found: Found, ctx: Context) -> None:
    """A count of accessories in Hsinchu: two pieces short, not posted yet."""
    codes = [i.code for i in items() if i.category == "ACC"][1:]
    lines = [{"product": str(found.products[code]), "quantity": str(-1 - n)} for n, code in enumerate(codes[:2])]
    data = {"kind": "count", "warehouse": str(found.houses["MAIN"]), "reason": "配件區循環盤點", "lines": lines}
    gate.create(ctx, "inventory.adjustment", data)


def _voucher(ctx: Context) -> None:
    lines = [{"account": "6711", "debit": "18600"}, {"account": "1101", "credit": "18600"}]
    gate.create(ctx, "finance.voucher", {"text": "業務出差旅費（待附單據）", "lines": lines})


def _received(ctx: Context) -> None:
    """Money that came in yesterday, not posted yet: the oldest invoice that is overdue is paid at last."""
    wish = Ask(("customer", "open_amount", "currency"), {"overdue": "true", "currency": "TWD"}, order="due_on", limit=4)
    page = select(ctx, registry.spec("sales.invoice"), wish)
    for row in page.rows[-1:]:
        data = {
            "party": str(row["customer"]),
            "account": "BANK",
            "amount": str(row["open_amount"]),
            "currency": row["currency"],
            "reference": f"匯入 {ctx.today:%m%d}",
            "allocations": [{"invoice": str(row["id"]), "amount": str(row["open_amount"])}],
        }
        gate.create(ctx, "finance.receipt", data)


def _talk(ctx: Context) -> None:
    """The head of sales asks about what is late."""
    page = select(ctx, registry.spec("sales.order"), Ask(("number",), {"late": "true"}, order="promised_on", limit=2))
    for row in page.rows:
        comment(ctx, "sales.order", row["id"], "@warehouse 這張已逾期，缺料的品項預計哪一天到貨？請回覆客戶新交期。")


def _files(found: Found, ctx: Context) -> None:
    """Customers' purchase orders as they came, and a photograph of a crate."""
    wish = Ask(("number", "customer_reference", "customer"), {"state": "confirmed"}, limit=8, titles=True)
    page = select(ctx, registry.spec("sales.order"), wish)
    for n, row in enumerate(page.rows):
        name = row["customer_reference"] or row["number"]
        text = ["PURCHASE ORDER", f"No. {name}", "", f"To: Heyue Precision  (your ref. {row['number']})"]
        keep(
            ctx, f"{name}.pdf", [papers.pdf([*text, "", "Please confirm the delivery date."])], "sales.order", row["id"]
        )
        if n == 2:
            keep(ctx, "包裝照片.png", [papers.picture(n)], "sales.order", row["id"])


def _view(n: int, ctx: Context) -> None:
    _number, resource, name, shared, state = VIEWS[n]
    row: dict[str, Any] = {"resource": resource, "name": name, "user_id": ctx.user_id, "is_shared": shared}
    SavedView.objects.create(**row, state=state, starred_by=[str(ctx.user_id)])
