"""Work in the background, with progress that survives the worker."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kontor.values.columns import IdField, Reference, StampField


class Job(models.Model):
    """A list of items worked off in chunks; each chunk and the progress it made are one transaction."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    id = IdField()
    kind = models.CharField(_("kind"), max_length=40)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    params = models.JSONField(default=dict)
    items = models.JSONField(default=list)
    total = models.PositiveIntegerField(_("items"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    failed = models.PositiveIntegerField(_("refused"), default=0)
    error = models.TextField(_("error"), blank=True)
    attempts = models.PositiveIntegerField(default=0)
    user = Reference("identity.User", null=True, on_delete=models.CASCADE)
    source = models.CharField(max_length=60, blank=True)
    created_at = StampField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # last sign of life: a silent running job is taken up again
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("job"), _("jobs")
        indexes = [
            models.Index(
                fields=["seen_at"], condition=models.Q(state__in=["waiting", "running"]), name="jobs_job_unfinished"
            )
        ]


class JobResult(models.Model):
    """What became of one chunk's items, in order."""

    id = IdField()
    job = Reference(Job, on_delete=models.CASCADE)
    position = models.PositiveIntegerField()  # of the chunk's first item
    results = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="jobs_jobresult_position")]
