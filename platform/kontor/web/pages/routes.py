"""Further addresses of the record pages: timeline, files, prints, the grid's calculation."""

from __future__ import annotations

from django.urls import path

from kontor.web.pages import form, record, similar, timeline

urlpatterns = [
    path("<spec:spec>/calc/", form.calc, name="calc"),
    path("<spec:spec>/similar/", similar.similar, name="similar"),
    path("<spec:spec>/<uuid:pk>/delete/", record.remove, name="delete"),
    path("<spec:spec>/<uuid:pk>/why/", record.why, name="why"),
    path("<spec:spec>/<uuid:pk>/print/<slug:name>.pdf", record.printed, name="printed"),
    path("<spec:spec>/<uuid:pk>/timeline/", timeline.entries, name="timeline"),
    path("<spec:spec>/<uuid:pk>/comment/", timeline.comment, name="comment"),
    path("<spec:spec>/<uuid:pk>/follow/", timeline.follow, name="follow"),
    path("<spec:spec>/<uuid:pk>/people/", timeline.people, name="people"),
    path("<spec:spec>/<uuid:pk>/files/", timeline.attach, name="attach"),
    path("<spec:spec>/<uuid:pk>/files/<uuid:file>/", timeline.download, name="attachment"),
    path("<spec:spec>/<uuid:pk>/files/<uuid:file>/remove/", timeline.detach, name="detach"),
]
