"""The compiled form of a declaration: frozen, complete, and all that a surface may know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kontor.resources.actions import Action, Input
from kontor.resources.layout import Board, Part

if TYPE_CHECKING:
    from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a resource.

    ``path`` is where the ORM finds it from the row (``party__name`` for a field of a flat relation);
    ``expression`` replaces it for a computed one. ``currency`` is the path of the ISO code that
    gives an amount its digits. ``guard`` names the field right that hides it (``cost``, ``credit``).
    """

    name: str
    path: str
    kind: str
    label: Any
    help: Any = ""
    required: bool = False
    readonly: bool = False
    nullable: bool = False
    choices: tuple[tuple[str, Any], ...] = ()
    relation: str = ""
    currency: str = ""
    unit: str = ""
    max_length: int | None = None
    default: Any = None
    guard: str = ""
    expression: Callable[[Any], Any] | None = None
    unique: bool = False

    @property
    def is_computed(self) -> bool:
        return self.expression is not None

    @property
    def column(self) -> str:
        """What ``.values()`` is asked for: the id of a reference, else the path."""
        return f"{self.path}_id" if self.kind == "reference" else self.path


@dataclass(frozen=True, slots=True)
class LinesSpec:
    """The lines of a document: a model that points to it, its fields, and the columns shown."""

    name: str
    model: type[Model]
    link: str  # the line's foreign key to the document
    fields: Mapping[str, Field]
    columns: tuple[str, ...]
    label: Any
    required: bool = False
    readonly: bool = False
    flat: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    shared: bool = False  # not deleted with the record


@dataclass(frozen=True, slots=True)
class Spec:
    """Everything about one resource; see docs/architecture.md for a picture of how it is used."""

    name: str  # sales.order
    module: str  # sales
    noun: str  # order
    path: str  # sales/orders
    model: type[Model]
    label: Any
    label_plural: Any
    icon: str
    fields: Mapping[str, Field]
    lines: Mapping[str, LinesSpec]
    actions: Mapping[str, Action]
    columns: tuple[str, ...]
    form: tuple[Part, ...]
    detail: tuple[Part, ...]
    filters: tuple[str, ...]
    search: Mapping[str, str]  # path → weight A–D
    phone: tuple[str, ...]  # a-name, a-amount, a-meta, a-state
    imports: tuple[str, ...]
    board: Board | None
    title: str  # the path that names a record to people
    code: tuple[str, ...]  # paths by which a reference may be given, tried in order after the id
    order: str  # default order, "-number"
    roles: Mapping[str, str]
    scopes: Mapping[str, str]
    today: tuple[str, ...]
    states: tuple[tuple[str, Any], ...] = ()
    search_as: tuple[str, ...] = ()  # resources with the same ids whose words find this one
    search_by: tuple[str, ...] = ()  # references whose words find the row; with either it has no entries of its own
    within: tuple[str, ...] = ()  # resources with the same ids whose data scope it has
    state_looks: Mapping[str, str] = field(default_factory=dict)  # state → ring half full green cancelled wait bad
    steps: tuple[str, ...] = ()  # the states drawn as the bar of steps
    frozen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)  # a face's rows
    guarded_rows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # field right → the rows it hides
    face_of: str = ""
    flat: Mapping[str, str] = field(default_factory=dict)  # relation → resource-less model path
    creatable: bool = True
    editable: bool = True
    deletable: bool = True
    initial: str = ""
    numbering: str = ""
    gapless: bool = False
    number_field: str = ""
    menu: str = ""  # group in the menu; empty: not in the menu
    sums: tuple[str, ...] = ()  # columns with a total in the list's foot
    bars: tuple[str, ...] = ()  # shares that lists draw as a bar
    mark: str = ""  # the field that stands behind the record's name in lists
    scoped: bool = False  # has owner, department_path and branch columns
    resolve: Callable[[list[str]], Mapping[str, Any]] | None = None  # further ways to find (barcodes)
    accept: Callable[[Any, Mapping[str, Any]], Mapping[str, Any]] | None = None  # other words for a new record

    @property
    def verbs(self) -> tuple[str, ...]:
        """Every right there is over the resource."""
        return ("view", "create", "edit", "delete", "export", "import", "share", *self.actions)

    def path_of(self, name: str) -> str:
        """Where the ORM finds a field from the row; a name that is no field is such a path itself."""
        f = self.fields.get(name)
        return f.path if f else name

    @property
    def title_path(self) -> str:
        """Where the ORM finds what people call a record."""
        return self.path_of(self.title)

    @property
    def has_state(self) -> bool:
        return bool(self.states)


__all__ = ["Action", "Field", "Input", "LinesSpec", "Spec"]
