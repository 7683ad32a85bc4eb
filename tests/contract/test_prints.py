"""Every paper that the screens print can be fetched with a key, with the same rights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from kontor.context import Context
from kontor.resources import registry
from kontor.surfaces.printing import printouts
from tests.contract.conftest import Caller
from tests.factories import FACTORIES, make

needs_fonts = pytest.mark.skipif(
    not any((Path(settings.VENDOR) / "fonts").glob("*.ttf")), reason="the fonts for printing are not installed"
)


@needs_fonts
@pytest.mark.requirement("K19", "I14")
def test_every_print_has_an_address_and_is_described(ctx: Context, api: Caller) -> None:
    described = api("GET", "schema/").data["paths"]
    fetched = 0
    for spec in registry.specs():
        prints = printouts(spec.name)
        if not prints or spec.name not in FACTORIES:
            continue
        pk = make(ctx, spec.name).pk
        for one in prints:
            answer = api("GET", f"{spec.path}/{pk}/print/{one.name}.pdf")
            assert answer.status_code == 200, (spec.name, one.name, answer.content)
            assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF-"), spec.name
            assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
            assert "get" in described[f"/{spec.path}/{{id}}/print/{one.name}.pdf"], spec.name
            fetched += 1
    assert fetched >= 3
    assert api("GET", f"sales/orders/{make(ctx, 'sales.order').pk}/print/nothing.pdf").status_code == 404


def test_a_print_has_the_rights_of_its_record(ctx: Context, api_as: Callable[[str], Caller]) -> None:
    quotation = make(ctx, "sales.quotation")
    (one, *_) = printouts("sales.quotation")
    address = f"sales/quotations/{quotation.pk}/print/{one.name}.pdf"
    assert api_as("sales")("GET", address).status_code == 404  # of somebody else
    assert api_as("warehouse")("GET", address).status_code == 403
    assert "/sales/quotations/{id}/print/" not in str(api_as("warehouse")("GET", "schema/").data["paths"].keys())
