"""What happened: audit rows, events to be told, comments, followers, files."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kontor.database.instances import Stored
from kontor.values.columns import IdField, Reference, StampField


class AuditEvent(Stored):
    """Who did what to which record, from where; insert-only (a trigger refuses the rest)."""

    id = IdField()
    at = StampField(auto_now_add=True)
    user = Reference("identity.User", null=True, db_constraint=False)
    user_name = models.CharField(max_length=120, blank=True)
    resource = models.CharField(max_length=80)
    record_id = models.UUIDField(null=True)
    verb = models.CharField(max_length=60)  # created, updated, deleted, an action, exported, signed in …
    changes = models.JSONField(default=dict)  # field → [old, new]
    source = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["record_id", "at"], name="history_audit_record"),
            models.Index(fields=["at"], name="history_audit_at"),
        ]


class OutboxEvent(Stored):
    """An event to be told after commit, at least once: webhooks and followers read it."""

    id = IdField()
    at = StampField(auto_now_add=True)
    name = models.CharField(max_length=120)  # sales.order.confirmed
    resource = models.CharField(max_length=80)
    record_id = models.UUIDField()
    record_version = models.PositiveIntegerField(default=1)
    payload = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)  # after a failure: not before then
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(done_at=None), name="history_outbox_open"),
        ]


class TimelineEntry(Stored):
    """A comment, mail or call about any record; field changes come from the audit."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("Comment")
        MAIL = "mail", _("Mail")
        CALL = "call", _("Call")
        SYSTEM = "system", _("System")

    id = IdField()
    resource = models.CharField(max_length=80)
    record_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.COMMENT)
    text = models.TextField()
    mentions = models.JSONField(default=list)  # user ids
    user = Reference("identity.User", null=True)
    user_name = models.CharField(max_length=120, blank=True)
    at = StampField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["record_id", "at"], name="history_timeline_record")]


class Follower(Stored):
    """A user who is told of what happens to a record."""

    id = IdField()
    resource = models.CharField(max_length=80)
    record_id = models.UUIDField()
    user = Reference("identity.User", on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_id", "user"], name="history_follower_unique")]


class Attachment(Stored):
    """A file on a record; its bytes lie under the tenant's own prefix in the file store."""

    id = IdField()
    resource = models.CharField(max_length=80)
    record_id = models.UUIDField()
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=300)
    user = Reference("identity.User", null=True)
    user_name = models.CharField(max_length=120, blank=True)
    at = StampField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["record_id"], name="history_attachment_record")]


class Notification(Stored):
    """Something a user should see: a mention, a finished job."""

    id = IdField()
    user = Reference("identity.User", on_delete=models.CASCADE)
    text = models.CharField(max_length=300)
    resource = models.CharField(max_length=80, blank=True)
    record_id = models.UUIDField(null=True)
    link = models.CharField(max_length=300, blank=True)
    at = StampField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "at"], name="history_notification_user")]
