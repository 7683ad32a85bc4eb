"""How documents become vouchers: posting rules, and which account plays which role."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Resource, Rows
from kontor.resources.layout import Facts, Lines, Row, Timeline
from kontor.resources.registry import register
from suite.finance.models import AccountRule, PostingRule


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
