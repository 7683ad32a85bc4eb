"""What people keep of the screens: saved views of lists, and how they arranged lists and the workbench."""

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
    roles = models.JSONField(default=list)  # codes of the roles it is shared with
    state = models.JSONField(default=dict)
    starred_by = models.JSONField(default=list)  # ids of the users who have it among their favourites
    default_of = models.JSONField(default=list)  # ids of the users whose list opens with it
    position = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("saved view"), _("saved views")
        constraints = [models.UniqueConstraint(fields=["resource", "user", "name"], name="web_savedview_name")]


class Arrangement(models.Model):
    """How a place of the screens is set up: by a person, or for a role where its people chose nothing.

    ``place`` is ``workbench`` or ``list:<resource>``; ``who`` the user's id, or ``role:<code>``.
    """

    id = IdField()
    place = models.CharField(max_length=100)
    who = models.CharField(max_length=60)
    value = models.JSONField(default=dict)

    class Meta:
        verbose_name, verbose_name_plural = _("arrangement"), _("arrangements")
        constraints = [models.UniqueConstraint(fields=["who", "place"], name="web_arrangement_place")]
