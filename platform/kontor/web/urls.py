"""The site: fixed pages first, then the generic ones, which the registry resolves by path."""

from __future__ import annotations

from django.urls import path

import kontor.web.converters  # noqa: F401 - <spec:> and <resource:>, before any route is read
from kontor.web.pages import (
    actions,
    board,
    bulk,
    exchange,
    filtering,
    form,
    grouping,
    home,
    jobs,
    keys,
    listing,
    me,
    notifications,
    pick,
    record,
    reports,
    search,
    sums,
    views,
)
from kontor.web.pages.routes import urlpatterns as record_routes
from kontor.web.policy_reports import take
from kontor.web.settings_pages import access, audit, company, numbers, overview, security, users, ways

app_name = "web"

# record_routes: further addresses of the record pages (timeline, files, prints), listed beside them
urlpatterns = [
    path("", home.workbench, name="home"),
    path("pick/<resource:spec>/", pick.pick, name="pick"),
    path("find/", search.palette, name="find"),
    path("shell/counts/", notifications.counts, name="counts"),
    path("shell/token/", me.token, name="token"),
    path("shell/session/", me.session, name="session"),
    path("policy-violation/", take, name="policy-violation"),
    path("notifications/", notifications.panel, name="notifications"),
    path("notifications/read/", notifications.read, name="notifications-read"),
    path("notifications/<uuid:pk>/", notifications.follow, name="notification"),
    path("me/", me.profile, name="me"),
    path("me/preference/", me.prefer, name="prefer"),
    path("me/devices/", me.end_session, name="end-session"),
    path("me/keys/", keys.index, name="keys"),
    path("me/keys/<uuid:pk>/revoke/", keys.revoke, name="key-revoke"),
    path("views/<spec:spec>/", views.save, name="view-save"),
    path("views/<spec:spec>/counts/", views.tell_counts, name="view-counts"),
    path("views/<uuid:pk>/change/", views.change, name="view-change"),
    path("reports/", reports.index, name="reports"),
    path("reports/<slug:name>/", reports.show, name="report"),
    path("settings/", overview.index, name="settings"),
    path("settings/company/", company.edit, name="settings-company"),
    path("settings/ways/", ways.edit, name="settings-ways"),
    path("settings/security/", security.edit, name="settings-security"),
    path("settings/users/", users.index, name="settings-users"),
    path("settings/users/new/", users.new, name="settings-user-new"),
    path("settings/users/<uuid:pk>/", users.edit, name="settings-user"),
    path("settings/roles/", access.roles, name="settings-roles"),
    path("settings/roles/<uuid:pk>/", access.role, name="settings-role"),
    path("settings/why/", access.why, name="settings-why"),
    path("settings/numbers/", numbers.index, name="settings-numbers"),
    path("settings/audit/", audit.index, name="settings-audit"),
    path("jobs/", jobs.index, name="jobs"),
    path("jobs/<uuid:pk>/", jobs.detail, name="job"),
    path("jobs/<uuid:pk>/change/", jobs.change, name="job-change"),
    path("x/import/<resource:spec>/", exchange.import_page, name="import"),
    path("x/export/<resource:spec>/", exchange.export, name="export"),
    path("x/files/<uuid:pk>/", exchange.download, name="download"),
    path("<spec:spec>/", listing.show, name="list"),
    path("<spec:spec>/filter/", filtering.editor, name="filter-editor"),
    path("<spec:spec>/sums/", sums.tell, name="list-sums"),
    path("<spec:spec>/group/", grouping.rows, name="group-rows"),
    path("<spec:spec>/lane/", board.more, name="lane"),
    path("<spec:spec>/set-up/", listing.set_up, name="set-up"),
    path("<spec:spec>/bulk/", bulk.run, name="bulk"),
    path("<spec:spec>/new/", form.new, name="new"),
    path("<spec:spec>/<uuid:pk>/edit/", form.edit, name="edit"),
    path("<spec:spec>/<uuid:pk>/do/<slug:action>/", actions.perform, name="perform"),
    path("<spec:spec>/<uuid:pk>/", record.detail, name="record"),
    *record_routes,
]
