"""Roles of a party: each row carries the same id as its party."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kontor.documents.records import Draft, Numbering, Owned
from kontor.values.columns import AmountField, CurrencyField, Reference, TagsField
from suite.parties.models.party import Party


class Role(Owned):
    """What customers and suppliers share: the party, a code, commercial terms, an owner."""

    party = Reference(Party, verbose_name=_("party"), blank=True)
    code = models.CharField(_("code"), max_length=40, blank=True)
    grade = models.CharField(_("grade"), max_length=20, blank=True)
    currency = CurrencyField(_("currency"), blank=True)
    payment_term = Reference("fields.DictionaryItem", verbose_name=_("payment term"), null=True, blank=True)
    tax_class = models.CharField(
        _("tax class"), max_length=20, blank=True, help_text=_("Decides which taxes apply, such as export.")
    )
    on_hold = models.BooleanField(_("on hold"), default=False, help_text=_("No new orders while on hold."))
    tags = TagsField(_("tags"))

    class Meta:
        abstract = True

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Take over the party's id, check and complete the party, its addresses and contacts."""
        from suite.parties.register import settle_roles

        settle_roles(ctx, cls, drafts)

    @classmethod
    def written(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Keep the history of grade and life stage; what shows the party elsewhere is found by its new words."""
        from suite.parties.register import index_others, remember_changes

        remember_changes(ctx, cls, drafts)
        index_others(ctx, cls, drafts)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Drop the role; the party goes with it unless it plays another role or is referred to."""
        from suite.parties.register import forget_party

        party_id = self.party_id
        done = super().delete(*args, **kwargs)
        forget_party(party_id)
        return done


class Customer(Role):
    """A party that buys, or may buy one day."""

    class Stage(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        INTENTION = "intention", _("Intention")
        DEAL = "deal", _("First deal")
        REGULAR = "regular", _("Regular")
        VIP = "vip", _("VIP")
        LAPSED = "lapsed", _("Lapsed")

    numbering = Numbering("C-{n:05}", field="code", at_create=True)

    life_stage = models.CharField(_("life stage"), max_length=12, choices=Stage.choices, default=Stage.PROSPECT)
    price_grade = models.CharField(
        _("price grade"), max_length=20, blank=True, help_text=_("For price rules; the grade counts where it is empty.")
    )
    credit_limit = AmountField(
        _("credit limit"), null=True, blank=True, help_text=_("Empty: no limit. Zero: only against payment.")
    )
    source = models.CharField(_("source"), max_length=60, blank=True)
    region = models.CharField(_("sales region"), max_length=80, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("customer"), _("customers")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="parties_customer_code"),
            models.CheckConstraint(condition=Q(id=F("party")), name="parties_customer_is_party"),
            models.CheckConstraint(
                condition=Q(credit_limit=None) | Q(credit_limit__gte=0),
                name="parties_customer_credit",
                violation_error_message=_("A credit limit cannot be negative."),
            ),
        ]
        indexes = [
            models.Index(fields=["owner"], name="parties_customer_owner"),
        ]

    def __str__(self) -> str:
        return self.code


class Supplier(Role):
    """A party that we buy from; ``owner`` is its buyer."""

    numbering = Numbering("S-{n:05}", field="code", at_create=True)

    lead_days = models.PositiveIntegerField(_("lead time in days"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("supplier"), _("suppliers")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="parties_supplier_code"),
            models.CheckConstraint(condition=Q(id=F("party")), name="parties_supplier_is_party"),
        ]

    def __str__(self) -> str:
        return self.code
