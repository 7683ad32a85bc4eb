"""The site: fixed pages first, then the generic ones, which the registry resolves by path."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import URLPattern, path, register_converter

from kontor.resources import registry
from kontor.web.pages import bulk, home, listing, me, notifications, pick, reports, search, views
from kontor.web.settings_pages import access, audit, company, numbers, overview, users

app_name = "web"


class ResourcePath:
    """``sales/orders`` in an address → the spec of that path; anything else does not match."""

    regex = r"[a-z][a-z0-9_-]*/[a-z0-9][a-z0-9_-]*"

    def to_python(self, value: str) -> Any:
        spec = registry.spec_by_path(value)
        if spec is None:
            raise ValueError
        return spec

    def to_url(self, value: Any) -> str:
        return str(getattr(value, "path", value))


class ResourceName:
    """``sales.order`` → its spec."""

    regex = r"[a-z_]+\.[a-z_]+"

    def to_python(self, value: str) -> Any:
        found = next((s for s in registry.specs() if s.name == value), None)
        if found is None:
            raise ValueError
        return found

    def to_url(self, value: Any) -> str:
        return str(getattr(value, "name", value))


register_converter(ResourcePath, "spec")
register_converter(ResourceName, "resource")


def _optional(address: str, module: str, function: str, name: str) -> list[URLPattern]:
    """A route whose page another file brings; left out while that file is not there."""
    if not find_spec(module):
        return []
    view = getattr(import_module(module), function, None)
    return [path(address, view, name=name)] if view else []


urlpatterns = [
    path("", home.workbench, name="home"),
    path("pick/<resource:spec>/", pick.pick, name="pick"),
    path("find/", search.palette, name="find"),
    path("shell/counts/", notifications.counts, name="counts"),
    path("notifications/", notifications.panel, name="notifications"),
    path("notifications/read/", notifications.read, name="notifications-read"),
    path("notifications/<uuid:pk>/", notifications.follow, name="notification"),
    path("me/", me.profile, name="me"),
    path("me/preference/", me.prefer, name="prefer"),
    path("me/keys/", me.keys, name="keys"),
    path("me/keys/<uuid:pk>/revoke/", me.revoke, name="key-revoke"),
    path("views/<spec:spec>/", views.save, name="view-save"),
    path("views/<spec:spec>/counts/", views.tell_counts, name="view-counts"),
    path("views/<uuid:pk>/change/", views.change, name="view-change"),
    path("reports/", reports.index, name="reports"),
    path("reports/<slug:name>/", reports.show, name="report"),
    path("settings/", overview.index, name="settings"),
    path("settings/company/", company.edit, name="settings-company"),
    path("settings/users/", users.index, name="settings-users"),
    path("settings/users/new/", users.new, name="settings-user-new"),
    path("settings/users/<uuid:pk>/", users.edit, name="settings-user"),
    path("settings/roles/", access.roles, name="settings-roles"),
    path("settings/roles/<uuid:pk>/", access.role, name="settings-role"),
    path("settings/why/", access.why, name="settings-why"),
    path("settings/numbers/", numbers.index, name="settings-numbers"),
    path("settings/audit/", audit.index, name="settings-audit"),
    *_optional("jobs/", "kontor.web.pages.jobs", "index", "jobs"),
    *_optional("jobs/<uuid:pk>/", "kontor.web.pages.jobs", "detail", "job"),
    *_optional("jobs/<uuid:pk>/change/", "kontor.web.pages.jobs", "change", "job-change"),
    *_optional("x/import/<resource:spec>/", "kontor.web.pages.exchange", "import_page", "import"),
    *_optional("x/export/<resource:spec>/", "kontor.web.pages.exchange", "export", "export"),
    *_optional("x/files/<uuid:pk>/", "kontor.web.pages.exchange", "download", "download"),
    *_optional("print/<resource:spec>/<uuid:pk>/<slug:name>/", "kontor.web.pages.printing", "print_page", "print"),
    path("<spec:spec>/", listing.show, name="list"),
    path("<spec:spec>/filter/", listing.filter_editor, name="filter-editor"),
    path("<spec:spec>/bulk/", bulk.run, name="bulk"),
    *_optional("<spec:spec>/new/", "kontor.web.pages.form", "new", "new"),
    *_optional("<spec:spec>/<uuid:pk>/edit/", "kontor.web.pages.form", "edit", "edit"),
    *_optional("<spec:spec>/<uuid:pk>/do/<slug:action>/", "kontor.web.pages.actions", "perform", "perform"),
    *_optional("<spec:spec>/<uuid:pk>/", "kontor.web.pages.record", "detail", "record"),
]
if find_spec("kontor.web.pages.routes"):
    # further addresses of the record pages (timeline, attachments, panels), written beside them
    urlpatterns += import_module("kontor.web.pages.routes").urlpatterns
