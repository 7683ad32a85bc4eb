"""What surfaces keep: the search index over all resources, and imports under way."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from kontor.surfaces.exchange.models import ImportChunk, ImportHabit, ImportRun
from kontor.values.columns import IdField

__all__ = ["ImportChunk", "ImportHabit", "ImportRun", "SearchEntry"]


class SearchEntry(models.Model):
    """One record as the search knows it, with the columns that the data scope compares."""

    id = IdField()
    resource = models.CharField(max_length=80)
    record_id = models.UUIDField()
    title = models.CharField(max_length=300)
    subtitle = models.CharField(max_length=300, blank=True)
    tokens = SearchVectorField()
    owner_id = models.UUIDField(null=True)
    department_path = models.CharField(max_length=400, blank=True)
    branch_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_id", "resource"], name="surfaces_searchentry_record")]
        indexes = [GinIndex(fields=["tokens"], name="surfaces_searchentry_tokens")]
