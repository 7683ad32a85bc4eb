"""How a module declares a resource: choices only, the facts come from the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kontor.resources.layout import Board, Part

PHONE_PLACES = 4  # of a row in a list on the phone


@dataclass(frozen=True, slots=True)
class Preference:
    """How a company wants a module to work: a setting ``<module>.<name>`` of a kind, with its default.

    ``kind`` is choice, boolean, integer or amount (of the book currency); None as default: no limit.
    """

    name: str
    kind: str
    label: Any
    help: Any = ""
    default: Any = None
    choices: tuple[tuple[str, Any], ...] = ()
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """One Django app of the suite as the menu and the tenant's switches know it.

    ``fixed`` ones cannot be switched off and have a page of the settings to themselves.
    """

    name: str
    label: Any
    icon: str
    depends: tuple[str, ...] = ()
    order: int = 50
    preferences: tuple[Preference, ...] = ()
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that the query computes: its kind, its label, and ``expression(ctx)`` for the ORM."""

    kind: str
    label: Any
    expression: Callable[[Any], Any]
    currency: str = ""
    unit: str = ""
    choices: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """The lines of a resource: ``app.Model``, its link to the parent, and what people see of it.

    ``link`` may point to a model that shares its id with the parent (a role of a party).
    """

    model: str
    link: str
    columns: str
    label: Any
    flat: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, Computed] = field(default_factory=dict)
    relations: Mapping[str, str] = field(default_factory=dict)
    guards: Mapping[str, str] = field(default_factory=dict)
    hidden: str = ""
    locked: str = ""  # fields that only services write
    where: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False
    readonly: bool = False
    shared: bool = False  # they belong to something that other resources show too: not deleted with the record


class Resource:
    """Base of a declaration; every attribute is optional but ``model`` (or ``of`` for a face)."""

    model: Any = None
    of: str = ""  # a face: the name of the resource whose table it shows
    where: Mapping[str, Any] = {}  # a face: which rows
    name: str = ""  # default: <app label>.<model name>
    path: str = ""  # default: <module>/<plural>
    label: Any = ""
    label_plural: Any = ""
    icon: str = "file"
    menu: str = ""  # the module in whose menu it stands; empty: none
    columns: str = ""
    form: Sequence[Part] = ()
    detail: Sequence[Part] = ()
    filters: str = ""
    search: Mapping[str, str] = {}
    search_as: str = ""  # resources with the same ids whose words find this one: a party by its customer's code
    search_by: str = ""  # references whose words find the row (and its own code does): a balance by its product
    within: str = ""  # resources with the same ids whose data scope it has: a party is seen as customer or supplier
    phone: str = ""  # at most four, in this order: name, amount, facts, state; default: the first columns
    imports: str = ""
    board: Board | None = None
    title: str = ""
    code: str = ""
    order: str = "-created_at"
    sums: str = ""
    bars: str = ""  # shares of one that lists draw as a bar of progress
    mark: str = ""  # a short field (a grade) that stands behind the name wherever the record is named in a list
    roles: Mapping[str, str] = {}
    scopes: Mapping[str, str] = {}
    flat: Mapping[str, str] = {}
    rows: Mapping[str, Rows] = {}
    computed: Mapping[str, Computed] = {}
    relations: Mapping[str, str] = {}
    guards: Mapping[str, str] = {}  # field right → the fields it hides
    guarded_rows: Mapping[str, Mapping[str, Any]] = {}  # field right → the rows it hides (filter terms)
    hidden: str = ""  # model fields that no surface shows
    readonly: str = ""  # further fields that only services write
    today: str = ""  # dates that a new record begins with today: filled in where required, else shown as what is taken
    required: str = ""  # fields that the model lets be empty and this resource does not
    states: Any = None  # a face: its own TextChoices
    looks: Mapping[str, str] = {}
    steps: str = ""
    numbering: Any = None  # a face: its own Numbering
    creatable: bool = True
    editable: bool = True
    deletable: bool = True

    @classmethod
    def accept(cls, ctx: Any, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a caller sends to make a record, in the declared names: a face may take its own words."""
        return data

    @classmethod
    def resolve(cls, values: list[str]) -> Mapping[str, Any]:
        """Further ways to find records by a word (a product by its barcodes): word → id."""
        return {}


def name_of(declared: type[Resource]) -> str:
    """``sales.order``: the name it gives itself, else its model's."""
    return declared.name or f"{declared.model._meta.app_label}.{declared.model._meta.model_name}"


def words(text: str) -> tuple[str, ...]:
    """The names in a declaration's string."""
    return tuple(text.split())
