"""What people keep of the screens: saved views of lists."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kontor.values.columns import IdField, Reference


class SavedView(models.Model):
    """A list as somebody wants to find it again: filters, order, columns, and how it is shown.

    ``state`` holds the parameters of the list's address (``{"state__in": "draft", "sort": "-total"}``).
    """

    id = IdField()
    resource = models.CharField(max_length=80)
    name = models.CharField(_("name"), max_length=60)
    user = Reference("identity.User", on_delete=models.CASCADE)
    is_shared = models.BooleanField(_("for everybody"), default=False)
    state = models.JSONField(default=dict)
    starred_by = models.JSONField(default=list)  # ids of the users who have it among their favourites
    default_of = models.JSONField(default=list)  # ids of the users whose list opens with it
    position = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("saved view"), _("saved views")
        constraints = [models.UniqueConstraint(fields=["resource", "user", "name"], name="web_savedview_name")]
