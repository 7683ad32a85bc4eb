"""Lifecycle actions: a decorated method is a button, a verb of the API, a right and an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Input:
    """One value that an action asks for; ``lines`` makes it a list of rows of such values."""

    kind: str
    label: Any = ""
    required: bool = False
    relation: str = ""
    choices: tuple[tuple[str, Any], ...] = ()
    lines: dict[str, Input] | None = None
    help: Any = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One transition or deed of a document, as declared."""

    name: str
    run: Callable[..., Any]
    sources: tuple[str, ...]
    to: str | None
    event: str
    label: Any
    body: dict[str, Input] = field(default_factory=dict)
    makes: str = ""  # the resource whose new record is the answer
    sensitive: bool = False  # not part of "*" in a role: must be granted by name
    numbers: bool = True  # gives the document its number if it has none yet
    main: bool = False  # the one filled button while the document is in a source state
    confirm: Any = ""  # asked before a deed that cannot be undone
    icon: str = ""
    effects: bool = False  # moves stock or posts: the screen offers a preview (dry run)
    batch: bool = False  # ``run`` takes the records, a statement a table whatever their number


def action(
    *sources: str,
    to: str | None = None,
    event: str = "",
    label: Any = "",
    body: dict[str, Input] | None = None,
    makes: str = "",
    sensitive: bool = False,
    numbers: bool = True,
    main: bool = False,
    confirm: Any = "",
    icon: str = "",
    effects: bool = False,
    batch: bool = False,
) -> Callable[[F], F]:
    """Declare a method ``(record, ctx, **body)`` as an action allowed in the ``sources`` states.

    On a model the method's ``self`` is the record; on a face or as a contribution it is a static
    function whose first argument is the record. The gate checks right, scope and state, runs it,
    sets ``to``, gives a number, and writes audit, status and outbox rows. No sources: any state.
    ``batch``: the (static) function takes ``(records, ctx, **body)``, one or many, with a statement a
    table, and returns what was made for each, in their order, where it makes something.
    """

    def mark(method: F) -> F:
        name = method.__name__
        method.__dict__["kontor_action"] = Action(
            name=name,
            run=method,
            sources=tuple(str(s) for s in sources),
            to=None if to is None else str(to),
            event=event or name,
            label=label or name.replace("_", " ").capitalize(),
            body=body or {},
            makes=makes,
            sensitive=sensitive,
            numbers=numbers,
            main=main,
            confirm=confirm,
            icon=icon,
            effects=effects,
            batch=batch,
        )
        return method

    return mark


def actions_of(holder: type) -> dict[str, Action]:
    """The actions that a class and its bases declare, in the order of declaration."""
    found: dict[str, Action] = {}
    for cls in reversed(holder.__mro__):
        for attribute in vars(cls).values():
            function = attribute.__func__ if isinstance(attribute, staticmethod) else attribute
            declared = getattr(function, "__dict__", {}).get("kontor_action")
            if declared is not None:
                found[declared.name] = declared
    return found
