"""Accounts, journals, vouchers, rules, open items, receipts and money accounts as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Value, When
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.documents.records import Numbering
from kontor.resources.actions import Input, action
from kontor.resources.declaration import Computed, Resource, Rows
from kontor.resources.layout import Facts, Lines, Panel, Related, Row, Timeline, Totals, Trace
from kontor.resources.registry import register, relate
from suite.finance import closing, receiving, refunds  # closing hangs the year-end on the periods
from suite.finance.models import (
    Account,
    AccountRule,
    Allocation,
    Journal,
    MoneyAccount,
    OpenItem,
    Payment,
    PostingRule,
    Voucher,
)
from suite.finance.rules import SHIPPED


@register
class AccountResource(Resource):
    """The chart of accounts."""

    model = Account
    menu = "finance"
    label, label_plural, icon = _("Account"), _("Accounts"), "list-tree"
    columns = "code name kind subkind postable open_item is_active"
    form = [
        Row("code name"),
        Row("kind subkind"),
        Row("postable open_item is_active"),
        Row("required_dimensions names"),
    ]
    detail = [Facts("code name kind subkind postable open_item required_dimensions is_active"), Timeline()]
    filters = "kind subkind postable open_item is_active"
    search = {"code": "A", "name": "B"}
    phone = "name kind code"
    imports = "code name kind subkind postable open_item is_active"
    title, order = "name", "code"
    roles = {"accountant": "* delete", "sales_lead": "view", "purchasing": "view", "warehouse": "view"}


@register
class JournalResource(Resource):
    """Books of vouchers, each with its numbers."""

    model = Journal
    menu = "finance"
    label, label_plural, icon = _("Journal"), _("Journals"), "notebook"
    columns = "code name kind pattern is_active"
    form = [Row("code name"), Row("kind pattern is_active")]
    detail = [Facts("code name kind pattern is_active"), Related("finance.voucher"), Timeline()]
    filters = "kind is_active"
    search = {"code": "A", "name": "B"}
    phone = "name code kind"
    imports = "code name kind pattern"
    title, order = "name", "code"
    roles = {"accountant": "* delete"}


_OCCASIONS = (
    *((rule.event, rule.label) for rule in SHIPPED),
    *((f"{rule.event}.reversed", format_lazy(_("Reversal: {what}"), what=rule.label)) for rule in SHIPPED),
    (closing.EVENT, _("Year-end")),
    (f"{closing.EVENT}.reversed", format_lazy(_("Reversal: {what}"), what=_("Year-end"))),
    ("reversed", _("Reversal")),
)  # a company's own events stand by their names


@register
class VoucherResource(Resource):
    """The ledger: made by documents through posting rules, or written by hand."""

    model = Voucher
    menu = "finance"
    label, label_plural, icon = _("Voucher"), _("Vouchers"), "receipt"
    today = "date"
    columns = "number date journal text total party occasion state"
    form = [
        Row("date journal"),
        Row("text party"),
        Lines("lines", "account text debit credit party branch dimensions"),
        Totals("total"),
    ]
    detail = [
        Panel("finance.voucher_source"),
        Facts("date journal period text party currency rate total occasion reverses reversed_by"),
        Lines("lines", "account text debit credit amount currency party branch due_on"),
        Totals("total"),
        Trace(),
        Timeline(),
    ]
    rows = {
        "lines": Rows(
            "finance.VoucherLine",
            "voucher",
            "account text debit credit party branch",
            _("Lines"),
            required=True,
        )
    }
    computed = {"occasion": Computed("choice", _("occasion"), lambda ctx: F("event"), choices=_OCCASIONS)}
    filters = "journal date period party state event source_resource source_id reverses"
    search = {"number": "A", "text": "B", "party__name": "B"}
    phone = "text total date state"
    imports = "date journal__code text lines"
    order = "-date"
    sums = "total"
    hidden = "line_count custom"
    guarded_rows = {"cost": {"event__startswith": "inventory."}}  # they tell what single deliveries cost
    steps = "draft posted"
    roles = {"accountant": "* reverse delete"}


@register
class PostingRuleResource(Resource):
    """How each event of a document becomes a voucher; a later date replaces an earlier rule."""

    model = PostingRule
    name = "finance.posting_rule"
    menu = "finance"
    label, label_plural, icon = _("Posting rule"), _("Posting rules"), "route"
    today = "valid_from"
    columns = "event name valid_from journal"
    form = [Row("event name"), Row("valid_from journal"), Lines("lines", "side role amount dimensions")]
    detail = [Facts("event name valid_from journal"), Lines("lines", "side role amount dimensions"), Timeline()]
    rows = {"lines": Rows("finance.PostingRuleLine", "rule", "side role amount dimensions", _("Lines"), required=True)}
    filters = "event journal valid_from"
    search = {"event": "A", "name": "B"}
    phone = "name event valid_from"
    title, code, order = "name", "event", "event"
    roles = {"accountant": "* delete"}


@register
class AccountRuleResource(Resource):
    """Which account plays a role: the row that names most wins."""

    model = AccountRule
    name = "finance.account_rule"
    menu = "finance"
    label, label_plural, icon = _("Account rule"), _("Account rules"), "arrows-split"
    today = "valid_from"
    columns = "role posting_class tax account valid_from"
    form = [Row("role account"), Row("posting_class tax warehouse_id"), Row("valid_from")]
    detail = [Facts("role account posting_class tax warehouse_id valid_from"), Timeline()]
    filters = "role account tax posting_class"
    search = {"role": "A", "posting_class": "B"}
    phone = "role account posting_class"
    imports = "role posting_class account__code valid_from"
    title, code, order = "role", "", "role"
    roles = {"accountant": "* delete"}


@register
class OpenItemResource(Resource):
    """What is owed and settled; written by the documents and by allocation."""

    model = OpenItem
    name = "finance.open_item"
    menu = "finance"
    label, label_plural, icon = _("Open item"), _("Open items"), "scale"
    columns = "number kind party opened_on due_on amount remaining currency side state"
    detail = [
        Facts("number kind party side opened_on due_on amount remaining currency rate book_amount book_remaining"),
        Lines("settlements", "cover amount discount write_off exchange allocated_on state undone_on"),
        Lines("covers", "invoice amount discount write_off exchange allocated_on state undone_on"),
        Related("finance.voucher"),
    ]
    rows = {
        "settlements": Rows(
            "finance.Allocation",
            "invoice",
            "cover amount discount write_off allocated_on state",
            _("Settled by"),
            readonly=True,
        ),
        "covers": Rows(
            "finance.Allocation",
            "cover",
            "invoice amount discount write_off allocated_on state",
            _("Settles"),
            readonly=True,
        ),
    }
    computed = {
        "state": Computed(
            "choice",
            _("state"),
            lambda ctx: Case(When(remaining=0, then=Value("settled")), default=Value("open")),
            choices=(("open", pgettext_lazy("open item", "Open")), ("settled", _("Settled"))),
        ),
    }
    hidden = "custom"
    filters = "party kind side ledger due_on opened_on currency source_resource owner state"
    search, search_by = {"number": "A", "party__name": "B"}, "party"
    phone = "party remaining number due_on"
    title, code, order = "number", "number", "due_on"
    creatable = editable = deletable = False
    roles = {"accountant": "view export", "sales_lead": "view export", "sales": "view"}

    @classmethod
    def resolve(cls, values: list[str]) -> Mapping[str, Any]:
        """An item by the id of its document, where that differs from its own."""
        ids = {v: _uuid(v) for v in values}
        found: dict[UUID, set[Any]] = {}
        wanted = [u for u in ids.values() if u]
        if wanted:
            rows = OpenItem.objects.filter(source_id__in=wanted).exclude(kind=OpenItem.Kind.CANCELLATION)
            for source_id, pk in rows.values_list("source_id", "pk"):
                found.setdefault(source_id, set()).add(pk)
        return {v: next(iter(found[u])) if len(found[u]) == 1 else None for v, u in ids.items() if u in found}


@register
class AllocationResource(Resource):
    """Settlements, for lists and the API; made and undone on receipts and credit notes."""

    model = Allocation
    label, label_plural, icon = _("Allocation"), _("Allocations"), "arrows-join"
    columns = "invoice cover amount discount write_off exchange state allocated_on undone_on"
    filters = "invoice cover payment state allocated_on"
    phone = "invoice amount allocated_on state"
    title, order = "id", "-id"
    creatable = editable = deletable = False
    roles = {"accountant": "view export", "sales_lead": "view"}


@register
class MoneyAccountResource(Resource):
    """Bank accounts, cash boxes, tills and wallets."""

    model = MoneyAccount
    name = "finance.money_account"
    menu = "finance"
    label, label_plural, icon = _("Money account"), _("Money accounts"), "building-bank"
    columns = "code name kind currency account bank_name bank_number is_active"
    form = [Row("code name kind"), Row("currency account"), Row("bank_name bank_number is_active")]
    detail = [
        Facts("code name kind currency account bank_name bank_number is_active"),
        Related("finance.receipt"),
        Timeline(),
    ]
    filters = "kind currency is_active"
    search = {"code": "A", "name": "A", "bank_number": "B"}
    phone = "name currency code kind"
    imports = "code name kind currency account__code bank_name bank_number"
    title, order = "name", "code"
    roles = {"accountant": "* delete", "sales_lead": "view", "sales": "view"}


@register
class PaymentResource(Resource):
    """All money in and out; people use its faces."""

    model = Payment
    label, label_plural, icon = _("Payment"), _("Payments"), "cash"
    columns = "number direction received_on party amount currency state"
    filters = "direction party state account received_on"
    creatable = editable = deletable = False
    roles = {"accountant": "view export"}


_ROW = {
    "invoice": Input("reference", _("Invoice"), required=True, relation="finance.open_item"),
    "amount": Input("amount", _("Amount"), required=True),
    "discount": Input("amount", _("Discount")),
    "write_off": Input("amount", _("Write-off")),
}


@register
class ReceiptResource(Resource):
    """Money received: settles invoices, the rest is an advance of the customer."""

    of = "finance.payment"
    name = "finance.receipt"
    where = {"direction": Payment.Direction.IN}
    states = Payment.State
    numbering = Numbering("RC-{yy}{mm}-{n:04}")
    menu = "finance"
    label, label_plural, icon = _("Receipt"), _("Receipts"), "cash"
    columns = "number received_on party amount currency account unallocated owner state"
    form = [
        Row("party received_on"),
        Row("account amount currency rate"),
        Row("reference note"),
        Lines("allocations", "invoice amount discount write_off"),
    ]
    detail = [
        Facts("party received_on account amount unallocated currency rate reference note owner"),
        Lines("allocations", "invoice amount discount write_off exchange state allocated_on undone_on"),
        Related("finance.voucher"),
        Trace(),
        Timeline(),
    ]
    rows = {
        "allocations": Rows(
            "finance.Allocation",
            "payment",
            "invoice amount discount write_off state",
            _("Settles"),
            hidden="invoice_book cover_book",
            relations={"invoice": "finance.open_item"},
        )
    }
    computed = {
        "unallocated": Computed("amount", _("not allocated"), receiving.unallocated, currency="currency"),
    }
    relations = {"party": "parties.party"}
    hidden = "direction custom"
    filters = "party state account received_on currency owner"
    search = {"number": "A", "party__name": "A", "reference": "B"}
    phone = "party amount received_on state"
    imports = "party received_on account__code amount currency rate reference note allocations"
    order = "-received_on"
    sums = "amount"
    steps = "draft posted"
    roles = {"accountant": "* reverse delete", "sales_lead": "view export", "sales": "view"}

    @staticmethod
    @action(Payment.State.DRAFT, to=Payment.State.POSTED, event="posted", label=_("Post"), main=True, effects=True)
    def post(receipt: Any, ctx: Any) -> None:
        """Post the money and settle what is planned."""
        receiving.post(receipt, ctx)

    @staticmethod
    @action(
        Payment.State.POSTED,
        event="allocated",
        label=_("Allocate"),
        effects=True,
        body={"allocations": Input("lines", _("Settles"), required=True, lines=_ROW)},
    )
    def allocate(receipt: Any, ctx: Any, allocations: list[dict[str, Any]]) -> None:
        """Settle invoices with what is left."""
        receiving.allocate(receipt, ctx, allocations)

    @staticmethod
    @action(
        Payment.State.POSTED,
        event="unallocated",
        label=_("Undo allocation"),
        effects=True,
        body={"allocation": Input("id", _("Allocation"), required=True)},
    )
    def unallocate(receipt: Any, ctx: Any, allocation: UUID) -> None:
        """Make one allocation an advance again."""
        receiving.unallocate(receipt, ctx, allocation)

    @staticmethod
    @action(
        Payment.State.POSTED,
        to=Payment.State.REVERSED,
        event="reversed",
        label=_("Reverse"),
        sensitive=True,
        effects=True,
        body={"reason": Input("text", _("Reason"), required=True)},
        confirm=_("Allocations are undone and counter-vouchers posted. This cannot be undone."),
    )
    def reverse(receipt: Any, ctx: Any, reason: str) -> None:
        """The cheque bounced, or it was a mistake."""
        receiving.reverse(receipt, ctx, reason)


YearEnd = closing.YearEnd
RefundResource = refunds.RefundResource

relate("parties.customer", "finance.open_item", "party")
relate("parties.customer", "finance.receipt", "party")
relate("finance.receipt", "finance.voucher", "source_id")
relate("parties.customer", "finance.refund", "party")
relate("finance.refund", "finance.voucher", "source_id")
relate("finance.open_item", "finance.voucher", "source_id")  # it carries the id of its document
relate("finance.money_account", "finance.receipt", "account")
relate("finance.journal", "finance.voucher", "journal")
relate("calendars.period", "finance.voucher", "period")


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
