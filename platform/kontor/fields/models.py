"""Dictionaries: small settings with a typed payload that a company edits itself."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.documents.records import Draft, Record
from kontor.errors import FieldError, Invalid
from kontor.fields.shapes import checked


class DictionaryItem(Record):
    """One entry of a dictionary (payment term, grade, source, lost reason …)."""

    dictionary = models.CharField(_("dictionary"), max_length=40)
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    payload = models.JSONField(_("details"), default=dict, blank=True)
    position = models.PositiveIntegerField(pgettext_lazy("of a line", "position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("dictionary entry"), _("dictionary entries")
        constraints = [
            models.UniqueConstraint(fields=["dictionary", "code"], name="fields_dictionaryitem_code"),
        ]

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Hold each payload to the shape that its dictionary declares."""
        errors: list[FieldError] = []
        for d in drafts:
            if d.is_new or "payload" in d.given:
                d.record.payload, found = checked(d.record.dictionary, d.record.payload, d.at)
                errors += found
        if errors:
            raise Invalid(errors)
