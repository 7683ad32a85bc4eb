"""A resource that can be created and has no factory is a resource without tests."""

from kontor.resources import registry
from tests.factories import FACTORIES

# name → why it is not created on its own
EXEMPT: dict[str, str] = {
    "sales.delivery": "made by the order's action deliver",
}


def test_every_creatable_resource_has_a_factory():
    missing = [s.name for s in registry.specs() if s.creatable and s.name not in FACTORIES and s.name not in EXEMPT]
    assert missing == []


def test_no_exemption_outlives_its_reason():
    names = {s.name for s in registry.specs()}
    assert [name for name in EXEMPT if name not in names or name in FACTORIES] == []
