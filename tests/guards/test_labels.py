"""Whatever people read of a resource, report, role or menu has its own word in both Chinese languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from kontor.access.roles import BUILT_IN, SCOPES
from kontor.reports import registry as reporting
from kontor.resources import registry
from kontor.resources.actions import Input
from kontor.resources.spec import Field
from kontor.web.settings_pages.access import GUARDS

SAME = {"SKU", "IBAN", "GLN", "VIP", "FIFO", "Logo", "JSON", "SWIFT", "BIC", "GTIN", "API", "Webhook", "id"}


def _of_field(place: str, f: Field) -> Iterator[tuple[str, Any]]:
    yield f"{place}.{f.name}", f.label
    if f.help:
        yield f"{place}.{f.name} (help)", f.help
    for key, label in f.choices:
        yield f"{place}.{f.name}={key}", label


def _of_input(place: str, given: Input) -> Iterator[tuple[str, Any]]:
    yield place, given.label
    for key, label in given.choices or ():
        yield f"{place}={key}", label
    for name, inner in (given.lines or {}).items():
        yield from _of_input(f"{place}.{name}", inner)


def _labels() -> Iterator[tuple[str, Any]]:
    for module in registry.modules():
        yield f"module {module.name}", module.label
    for spec in registry.specs():
        yield spec.name, spec.label
        yield f"{spec.name} (plural)", spec.label_plural
        for f in spec.fields.values():
            yield from _of_field(spec.name, f)
        for lines in spec.lines.values():
            yield f"{spec.name}.{lines.name}", lines.label
            for f in lines.fields.values():
                yield from _of_field(f"{spec.name}.{lines.name}", f)
        for key, label in spec.states:
            yield f"{spec.name}: {key}", label
        for act in spec.actions.values():
            yield f"{spec.name} {act.name}", act.label
            for name, given in act.body.items():
                yield from _of_input(f"{spec.name} {act.name}.{name}", given)
    for report in reporting.reports():
        yield report.right, report.label
        if report.description:
            yield f"{report.right} (description)", report.description
        for p in report.parameters:
            yield f"{report.right}.{p.name}", p.label
            for key, label in p.choices:
                yield f"{report.right}.{p.name}={key}", label
    for code, role in BUILT_IN.items():
        yield f"role {code}", role.label
    for key, label in (*SCOPES, *GUARDS):
        yield f"right {key}", label


@pytest.mark.requirement("K26")
def test_every_label_is_translated():
    languages = [code for code, _name in settings.LANGUAGES if code != "en"]
    assert sorted(languages) == ["zh-hans", "zh-hant"]
    english = []
    for place, label in _labels():
        with translation.override("en"):
            said = str(label)
        if not said or said in SAME:
            continue
        for language in languages:
            with translation.override(language):
                if str(label) == said:
                    english.append(f"{language} {place}: {said}")
    assert english == []
