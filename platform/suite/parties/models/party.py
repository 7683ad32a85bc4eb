"""A party with what tells it apart, where it is, and who stands for it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.documents.records import Draft, Line, Owned, Record
from kontor.values.columns import PhoneField, Reference
from kontor.values.sorting import KEY_LENGTH


class Party(Record):
    """An organisation or a person, once, whatever roles it plays; commercial terms sit on the roles."""

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", _("Organisation")
        PERSON = "person", _("Person")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.ORGANISATION)
    name = models.CharField(_("name"), max_length=200)
    other_names = models.JSONField(
        _("names in other scripts"),
        default=dict,
        blank=True,
        help_text=_("By language, such as {“en”: “Tatung”, “zh-hant”: “大同”}."),
    )
    sort_key = models.CharField(max_length=KEY_LENGTH, blank=True, editable=False, db_collation="C")
    language = models.CharField(_("language"), max_length=10, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True, help_text=_("Two letters, such as TW."))
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    phone = PhoneField(_("phone"), blank=True)
    phone_key = models.CharField(max_length=30, blank=True, editable=False)
    email = models.EmailField(_("email"), max_length=200, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("party"), _("parties")
        indexes = [
            models.Index(fields=["sort_key"], name="parties_party_sort"),
            models.Index(fields=["phone_key"], condition=~models.Q(phone_key=""), name="parties_party_phone"),
            models.Index(fields=["tax_number"], condition=~models.Q(tax_number=""), name="parties_party_tax"),
        ]

    def __str__(self) -> str:
        return self.name


class Identifier(Line):
    """A further number or address that tells a party apart, normalised for finding it."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("Phone")
        FAX = "fax", _("Fax")
        EMAIL = "email", _("Email")
        MESSENGER = "messenger", _("Messenger")
        GLN = "gln", _("GLN")
        OTHER = "other", _("Other")

    party = Reference(Party, on_delete=models.CASCADE, db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.PHONE)
    value = models.CharField(pgettext_lazy("phone or mail", "value"), max_length=200)
    key = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("identifier"), _("identifiers")
        indexes = [models.Index(fields=["key"], name="parties_identifier_key")]


class Address(Line):
    """Where a party is, is sent goods, or is sent invoices; documents copy it when confirmed."""

    class Kind(models.TextChoices):
        MAIN = "main", _("Main")
        DELIVERY = "delivery", pgettext_lazy("address", "Delivery")
        INVOICE = "invoice", _("Invoice")

    party = Reference(Party, on_delete=models.CASCADE, db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.MAIN)
    name = models.CharField(_("addressee"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    street = models.CharField(_("street"), max_length=300, blank=True)
    contact = models.CharField(_("contact"), max_length=120, blank=True)
    phone = PhoneField(_("phone"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("address"), _("addresses")


class Relation(Owned):
    """A party stands in a relation to an organisation; kind contact is a person who speaks for it.

    Owner and department follow the customer or supplier, so that contacts have its data scope.
    """

    class Kind(models.TextChoices):
        CONTACT = "contact", _("Contact")
        SUBSIDIARY = "subsidiary", _("Subsidiary")
        CHANNEL = "channel", _("Channel partner")
        REFERRAL = "referral", _("Referral")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.CONTACT)
    organisation = Reference(Party, verbose_name=_("organisation"), null=True, blank=True, db_index=True)
    person = Reference(Party, verbose_name=_("person"), blank=True, db_index=True)
    position = models.PositiveIntegerField(default=0, editable=False)
    title = models.CharField(_("job title"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=60, blank=True, help_text=_("Decides, advises, uses, pays …"))
    is_main = models.BooleanField(_("main contact"), default=False)
    valid_from = models.DateField(pgettext_lazy("validity", "from"), null=True, blank=True)
    valid_to = models.DateField(pgettext_lazy("validity", "until"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("contact"), _("contacts")

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """A contact written by itself: its person is prepared, its scope follows the organisation."""
        from suite.parties.register import settle_contacts

        settle_contacts(ctx, drafts)
