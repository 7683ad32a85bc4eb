"""What is kept of an import: the file's rows in portions, how they are read, what became of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kontor.values.columns import IdField, Reference, StampField


class ImportRun(models.Model):
    """One file on its way into one resource: uploaded, mapped, tried, carried out, perhaps undone."""

    class State(models.TextChoices):
        MAPPING = "mapping", _("Columns")
        TRIED = "tried", _("Checked")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        UNDONE = "undone", _("Undone")

    id = IdField()
    resource = models.CharField(max_length=80)
    file_name = models.CharField(max_length=255)
    user = Reference("identity.User", on_delete=models.CASCADE)
    at = StampField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.MAPPING)
    headers = models.JSONField(default=list)
    columns = models.JSONField(default=dict)  # header → target (a field, or lines.field)
    key = models.CharField(max_length=200, blank=True)  # the column that tells documents apart
    by = models.CharField(max_length=80, blank=True)  # external_ref, id, a code field; empty: all are new
    whole = models.BooleanField(default=False)  # all or nothing
    total = models.PositiveIntegerField(default=0)  # documents
    rows = models.PositiveIntegerField(default=0)
    job_id = models.UUIDField(null=True)
    is_trial = models.BooleanField(default=False)  # what the job does, or the counts are of
    finished_at = models.DateTimeField(null=True)
    errors = models.JSONField(default=list)  # rows that make no document: [line, field, message, cells]

    class Meta:
        app_label = "surfaces"
        verbose_name, verbose_name_plural = _("import"), _("imports")


class ImportChunk(models.Model):
    """A portion of the documents with their rows, and the answers once it was tried or written."""

    id = IdField()
    run = Reference(ImportRun, on_delete=models.CASCADE)
    position = models.PositiveIntegerField()  # of its first document
    items = models.JSONField()  # [[ref, [[line, {header: cell}], …]], …]
    answers = models.JSONField(default=list)  # [[what, id, [[line, field, message], …]], …]

    class Meta:
        app_label = "surfaces"
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="surfaces_importchunk_position")]


class ImportHabit(models.Model):
    """Which column a user last gave to which field of a resource, by the header's plain form."""

    id = IdField()
    resource = models.CharField(max_length=80)
    user = Reference("identity.User", on_delete=models.CASCADE)
    columns = models.JSONField(default=dict)  # plain header → target
    key = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=80, blank=True)

    class Meta:
        app_label = "surfaces"
        constraints = [models.UniqueConstraint(fields=["resource", "user"], name="surfaces_importhabit_user")]
