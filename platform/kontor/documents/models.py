"""Numbers, conversion links, revisions, state history, external references, idempotency."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kontor.database.instances import Stored
from kontor.values.columns import AmountField, IdField, QuantityField, Reference, StampField


class NumberRule(Stored):
    """A company's own pattern for a resource, in place of the declared one."""

    id = IdField()
    resource = models.CharField(_("resource"), max_length=80)
    pattern = models.CharField(_("pattern"), max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource"], name="documents_numberrule_resource")]


class NumberCounter(Stored):
    """The last number given per series; a row lock, never a sequence.

    A gapless one moves by one at a time, and each of its numbers must stand on a document when the
    transaction ends: the trigger on the document's table claims it (migrations/0002_guards.py).
    """

    id = IdField()
    series = models.CharField(max_length=160)  # resource or journal, with the date parts
    last = models.BigIntegerField(default=0)
    upper = models.BigIntegerField(null=True)  # end of an allotted range
    gapless = models.BooleanField(default=False)
    claimed = models.BigIntegerField(default=0, db_default=0)  # gapless: the last that stands on a document
    shape = models.CharField(max_length=120, blank=True, default="", db_default="")  # JV-2026-{n}
    width = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series"], name="documents_numbercounter_series")]


class Conversion(Stored):
    """Source line → target line with the quantity carried over: one table for all pairs."""

    id = IdField()
    source_resource = models.CharField(max_length=80)
    source_id = models.UUIDField()
    source_line_id = models.UUIDField(null=True)
    target_resource = models.CharField(max_length=80)
    target_id = models.UUIDField()
    target_line_id = models.UUIDField(null=True)
    quantity = QuantityField(null=True)
    amount = AmountField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["source_id"], name="documents_conversion_source"),
            models.Index(fields=["target_id"], name="documents_conversion_target"),
        ]


class Revision(Stored):
    """A frozen snapshot of a document with its lines."""

    id = IdField()
    resource = models.CharField(max_length=80)
    record_id = models.UUIDField()
    number = models.PositiveIntegerField()
    made_at = StampField(auto_now_add=True)
    made_by = Reference("identity.User", null=True)
    content = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_id", "number"], name="documents_revision_number")]


class StatusChange(Stored):
    """Old → new of a tracked field, who and when: serves every history of states and grades."""

    id = IdField()
    resource = models.CharField(max_length=80)
    record_id = models.UUIDField()
    field = models.CharField(max_length=40)
    old = models.CharField(max_length=200, blank=True)
    new = models.CharField(max_length=200, blank=True)
    at = StampField(auto_now_add=True)
    user = Reference("identity.User", null=True)
    user_name = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["record_id", "at"], name="documents_status_record")]


class ExternalRef(Stored):
    """What another system calls a record of ours; unique per resource and source."""

    id = IdField()
    resource = models.CharField(max_length=80)
    source = models.CharField(max_length=60)
    ref = models.CharField(max_length=200)
    record_id = models.UUIDField()
    fingerprint = models.CharField(max_length=64, blank=True)  # of the rows an import made it from

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "source", "ref"], name="documents_externalref_unique")
        ]
        indexes = [models.Index(fields=["record_id"], name="documents_externalref_record")]


class IdempotencyKey(Stored):
    """The stored answer to a POST with an Idempotency-Key, replayed for a day."""

    id = IdField()
    user = Reference("identity.User", on_delete=models.CASCADE)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveIntegerField(null=True)
    body = models.TextField(blank=True)
    created_at = StampField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="documents_idempotency_key")]
