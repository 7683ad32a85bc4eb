"""The chart of accounts and the journals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Resource
from kontor.resources.layout import Facts, Related, Row, Timeline
from kontor.resources.registry import register, relate
from suite.finance.models import Account, Journal


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


relate("finance.journal", "finance.voucher", "journal")
