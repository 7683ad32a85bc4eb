"""Settings of the company, one row a name."""

from __future__ import annotations

from django.db import models

from kontor.values.columns import IdField


class Setting(models.Model):
    """A named value; what each name means stands with the module that reads it."""

    id = IdField()
    name = models.CharField(max_length=120)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="configuration_setting_name")]


class Stamp(models.Model):
    """Renewed by a trigger with every write of a group of tables; see ``kontor.configuration.kept``."""

    id = IdField()
    name = models.CharField(max_length=40)
    stamp = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="configuration_stamp_name")]
