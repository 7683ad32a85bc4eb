"""The closed registry: one place that knows every resource, module, panel, report and owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from kontor.errors import NotFound
from kontor.resources.actions import Action, actions_of
from kontor.resources.declaration import Module, Preference, Resource

if TYPE_CHECKING:
    from kontor.resources.spec import Spec

_declared: list[type[Resource]] = []
_contributed: dict[str, dict[str, Action]] = {}
_related: dict[str, list[tuple[str, str]]] = {}
_modules: dict[str, Module] = {}
_specs: dict[str, Spec] = {}
_owners: dict[str, type] = {}
_panels: dict[str, Callable[..., Any]] = {}


def register(declaration: type[Resource]) -> type[Resource]:
    """Class decorator: this resource exists."""
    _declared.append(declaration)
    return declaration


def register_module(module: Module) -> Module:
    """A module of the suite, from its module.py."""
    _modules[module.name] = module
    return module


def contribute(resource: str) -> Callable[[type], type]:
    """Class decorator: hang the class's actions on a resource of a lower module."""

    def hang(holder: type) -> type:
        _contributed.setdefault(resource, {}).update(actions_of(holder))
        return holder

    return hang


def owner(resource: str) -> Callable[[type], type]:
    """Class decorator: the one handler told when a lower layer finishes work for this resource.

    See kontor.documents.owners for what the handler may define.
    """

    def keep(handler: type) -> type:
        if resource in _owners:
            raise RuntimeError(f"{resource} has two owner handlers: {_owners[resource]} and {handler}")
        _owners[resource] = handler
        return handler

    return keep


def panel(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: ``function(ctx, record) -> (template, context)`` draws the panel of that name."""

    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        _panels[name] = function
        return function

    return keep


def relate(resource: str, other: str, by: str) -> None:
    """Show ``other`` on the page of ``resource``: the rows whose filter ``by`` is this record."""
    _related.setdefault(resource, []).append((other, by))


def contributed(resource: str) -> dict[str, Action]:
    """Actions that upper modules hang on the resource."""
    return _contributed.get(resource, {})


def related(resource: str) -> list[tuple[str, str]]:
    """(resource, filter) pairs that other modules relate to this one."""
    return _related.get(resource, [])


def declarations() -> list[type[Resource]]:
    """All declarations, in the order of registration."""
    return _declared


def publish(specs: Iterable[Spec]) -> None:
    """Called once at start with the compiled specs."""
    _specs.clear()
    _specs.update({spec.name: spec for spec in specs})
    spec_of_model.cache_clear()
    spec_by_path.cache_clear()


def spec(name: str) -> Spec:
    """The spec of a resource by its name; NotFound if there is none."""
    try:
        return _specs[name]
    except KeyError:
        raise NotFound(f"There is no resource {name!r}.") from None


def find(name: str) -> Spec | None:
    """The same; None if there is none: no name, or a model that is no resource."""
    return _specs.get(name)


def specs() -> list[Spec]:
    """Every resource, in dependency order."""
    return list(_specs.values())


@cache
def spec_of_model(model: Any) -> Spec | None:
    """The first resource declared over the model that is not a face."""
    return next((s for s in _specs.values() if s.model is model and not s.face_of), None)


@cache
def spec_by_path(path: str) -> Spec | None:
    """The spec behind ``sales/orders``."""
    return next((s for s in _specs.values() if s.path == path), None)


def name_of(record: Any) -> str:
    """The resource's name of a record: of its face where one matches, else of its model."""
    for s in _specs.values():
        if s.face_of and isinstance(record, s.model) and all(getattr(record, k) == v for k, v in s.where.items()):
            return s.name
    model: Any = type(record)
    found = spec_of_model(model)
    if found is None:
        raise NotFound(f"{type(record).__name__} is no resource.")
    return found.name


def modules() -> list[Module]:
    """All modules in menu order."""
    return sorted(_modules.values(), key=lambda m: (m.order, m.name))


def preference(name: str) -> Preference | None:
    """The declared preference behind a setting's name, ``sales.quotation_days``."""
    module = _modules.get(name.partition(".")[0])
    return next((p for p in module.preferences if p.name == name), None) if module else None


def owner_handler(resource: str) -> type | None:
    """The handler registered by ``@owner``."""
    return _owners.get(resource)


def panel_function(name: str) -> Callable[..., Any] | None:
    """The drawer registered by ``@panel``."""
    return _panels.get(name)
