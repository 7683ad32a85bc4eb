"""How documents become vouchers, as data that the accountant reads and changes."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kontor.configuration.kept import forget
from kontor.documents.records import Draft, Line, Record
from kontor.errors import Invalid
from kontor.values.columns import Reference, TagsField
from kontor.values.wording import listed
from suite.finance.rules import DIMENSIONS, ROLES


class PostingRule(Record):
    """An event, such as ``sales.invoiced``, and the lines that it makes from a date on.

    A document is posted by the rule in force on its date; what was posted keeps its lines.
    """

    event = models.CharField(_("event"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    valid_from = models.DateField(_("valid from"))
    journal = Reference("finance.Journal", verbose_name=_("journal"))

    class Meta:
        verbose_name, verbose_name_plural = _("posting rule"), _("posting rules")
        constraints = [models.UniqueConstraint(fields=["event", "valid_from"], name="finance_postingrule_event")]

    def __str__(self) -> str:
        return f"{self.event} {self.valid_from}"

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Each amount must stand on both sides or be balanced by others, so at least one line a side."""
        for draft in drafts:
            lines = draft.lines.get("lines", [])
            for i, line in enumerate(lines):
                unknown = [word for word in line.dimensions if word not in DIMENSIONS]
                if unknown:
                    raise Invalid.at(
                        f"/lines/{i}/dimensions",
                        _now("Known dimensions are: %(names)s.") % {"names": listed(DIMENSIONS)},
                    )
            if lines and len({line.side for line in lines}) < 2:
                raise Invalid.at("/lines", _now("A rule needs lines on both sides, or its vouchers cannot balance."))
        forget(ctx, "finance.rules")


class PostingRuleLine(Line):
    """The amount of that name goes to the account of the role, on this side."""

    class Side(models.TextChoices):
        DEBIT = "debit", _("Debit")
        CREDIT = "credit", _("Credit")

    rule = Reference(PostingRule, on_delete=models.CASCADE, related_name="lines", db_index=True)
    side = models.CharField(_("side"), max_length=6, choices=Side.choices)
    role = models.CharField(_("account role"), max_length=30, choices=tuple(ROLES.items()))
    amount = models.CharField(_("amount of the document"), max_length=30)
    dimensions = TagsField(_("dimensions"))

    class Meta:
        verbose_name, verbose_name_plural = _("line of a posting rule"), _("lines of a posting rule")


class AccountRule(Record):
    """Which account plays a role; a row that names more (posting class, tax, warehouse) wins."""

    role = models.CharField(_("account role"), max_length=30, choices=tuple(ROLES.items()))
    posting_class = models.CharField(_("posting class"), max_length=40, blank=True)
    tax = Reference("catalog.Tax", verbose_name=_("tax"), null=True, blank=True)
    warehouse_id = models.UUIDField(_("warehouse"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"))
    account = Reference("finance.Account", verbose_name=_("account"))

    class Meta:
        verbose_name, verbose_name_plural = _("account rule"), _("account rules")
        constraints = [
            models.UniqueConstraint(
                fields=["role", "posting_class", "tax", "warehouse_id", "valid_from"],
                nulls_distinct=False,
                name="finance_accountrule_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.posting_class}".strip()

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """From the first day of the present year unless a date is given."""
        for draft in drafts:
            if draft.record.valid_from is None:
                draft.record.valid_from = ctx.today.replace(month=1, day=1)
        forget(ctx, "finance.account_rules")
