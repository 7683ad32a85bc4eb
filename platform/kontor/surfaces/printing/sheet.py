"""What stands on a printed page: words already written out, in the reader's language.

The functions of ``prints.py`` fill a Sheet; they format amounts with ``printing.wording`` and write
labels under ``translation.override(sheet.language)``. The template only places what it is given.
"""

from __future__ import annotations

from dataclasses import dataclass

LEFT, RIGHT, CENTRE = "left", "right", "center"


@dataclass(frozen=True, slots=True)
class Block:
    """A name with lines under it: the company, the customer, the place of delivery."""

    name: str = ""
    lines: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """Label and value: date, terms, the customer's own number."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the lines; ``share`` of the free width, 0 for as wide as its content."""

    label: str
    align: str = LEFT
    share: float = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of two lines: a code over a description. Plain strings are cells too."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """A row under the lines; the grand one is set larger."""

    label: str
    value: str
    grand: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph with an optional heading; line breaks are kept."""

    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One printed document. ``language`` is the recipient's: en, zh-hant, zh-hans."""

    title: str
    number: str
    language: str
    company: Block
    party: Block
    blocks: tuple[Block, ...] = ()  # beside the party: ship to, invoice to
    facts: tuple[Fact, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str | Cell, ...], ...] = ()
    totals: tuple[Total, ...] = ()
    in_words: str = ""  # the amount in words (printing.wording.amount_in_words)
    notes: tuple[Note, ...] = ()
    carried: tuple[str, ...] = ()  # the running sum after each row, where pages carry it to the next
    payment: tuple[Fact, ...] = ()  # to which account it is paid
    payment_title: str = ""
    signatures: tuple[str, ...] = ()
    stamp: str = ""  # the label of a box for the company's seal
    mark: str = ""  # across the page: DRAFT, CANCELLED
    footer: str = ""  # at the foot of each page: bank account, registration
    logo: bytes = b""  # PNG, JPEG or SVG
