"""What a page shows of an import: counts, rows with their errors, samples, the file of bad rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kontor.surfaces.exchange import tables
from kontor.surfaces.exchange.models import ImportChunk, ImportRun
from kontor.surfaces.exchange.writing import CREATED, REFUSED, UNCHANGED, UPDATED
from kontor.values.wording import clauses, labelled

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Counts:
    """What became, or would become, of the documents."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    waiting: int = 0

    @property
    def good(self) -> int:
        """Those that a run writes."""
        return self.created + self.updated


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the preview: the line of the file, its cells, and the errors by column."""

    line: int
    what: str
    cells: list[tuple[str, Any, list[str]]]  # header, value, sentences
    notes: list[str]  # sentences about the row as a whole


def counts(run: ImportRun) -> Counts:
    """The documents by what became of them; rows that make no document count as refused."""
    tally = {CREATED: 0, UPDATED: 0, UNCHANGED: 0, REFUSED: len(run.errors)}
    for answers in ImportChunk.objects.filter(run=run).values_list("answers", flat=True):
        for what, _pk, _errors in answers:
            tally[what] += 1
    said = sum(tally.values()) - len(run.errors)
    return Counts(**tally, waiting=run.total - said)


def shown(run: ImportRun, what: str = "", most: int = MOST_SHOWN) -> list[Shown]:
    """Rows of the preview: all, or those that would be created, updated, refused."""
    target_of = {t: h for h, t in run.columns.items()}
    out: list[Shown] = []
    if what in ("", REFUSED):
        for line, name, said, values in run.errors[:most]:
            out.append(_shown(run, line, REFUSED, values, [[line, name, said]], target_of))
    for chunk in ImportChunk.objects.filter(run=run).order_by("position").iterator(chunk_size=20):
        for (_ref, rows), answer in zip(chunk.items, chunk.answers, strict=False):
            if what and answer[0] != what:
                continue
            for line, values in rows:
                mine = [e for e in answer[2] if e[0] == line]
                if what == REFUSED and len(rows) > 1 and not mine:
                    continue
                out.append(_shown(run, line, answer[0], values, mine, target_of))
                if len(out) >= most:
                    return out
    return out


def _shown(
    run: ImportRun, line: int, what: str, values: Mapping[str, Any], errors: Sequence[Any], target_of: Mapping[str, str]
) -> Shown:
    by_header: dict[str, list[str]] = {}
    notes = []
    for _line, name, said in errors:
        header = target_of.get(name.replace("/", "."), name if name in run.headers else "")
        if header:
            by_header.setdefault(header, []).append(said)
        else:
            notes.append(said)
    return Shown(line, what, [(h, values.get(h), by_header.get(h, [])) for h in run.headers], notes)


def errors(run: ImportRun, most: int) -> list[dict[str, Any]]:
    """What is wrong, line by line of the file: the field, the column that gives it, and the sentence."""
    target_of = {t: h for h, t in run.columns.items()}
    told = [[line, name, said] for line, name, said, _values in run.errors]
    for answers in ImportChunk.objects.filter(run=run).order_by("position").values_list("answers", flat=True):
        told += [error for _what, _pk, of_item in answers for error in of_item]
        if len(told) > most:
            break
    out = []
    for line, name, said in sorted(told, key=lambda e: (e[0], e[1]))[:most]:
        field = name.replace("/", ".")
        out.append({"line": line, "field": field, "column": target_of.get(field), "detail": said})
    return out


def error_file(run: ImportRun) -> str:
    """The refused rows as CSV with the reason behind each, to be corrected and imported again."""
    rows: list[list[Any]] = [[*run.headers, pgettext("file", "Line"), _("Reason")]]
    for line, _name, said, values in run.errors:
        rows.append([*(values.get(h) for h in run.headers), line, said])
    for chunk in ImportChunk.objects.filter(run=run).order_by("position").iterator(chunk_size=20):
        for (_ref, of_item), (what, _pk, errors) in zip(chunk.items, chunk.answers, strict=False):
            if what != REFUSED:
                continue
            for line, values in of_item:
                said = clauses(labelled(name, text) if name else text for at, name, text in errors if at == line)
                rows.append([*(values.get(h) for h in run.headers), line, said])
    return "\ufeff" + tables.csv_text(rows)


def samples(run: ImportRun, most: int = 3) -> dict[str, list[str]]:
    """The first different values of each column, for the page where columns are chosen."""
    out: dict[str, list[str]] = {h: [] for h in run.headers}
    first = ImportChunk.objects.filter(run=run).order_by("position").values_list("items", flat=True).first()
    for _ref, rows in first or []:
        for _line, values in rows:
            for header, held in out.items():
                text = str(values.get(header) if values.get(header) is not None else "").strip()
                if text and len(held) < most and text not in held:
                    held.append(text)
    return out
