"""Files as people have them: encodings, delimiters, merged cells, and what is no table at all."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from kontor.errors import Refused
from kontor.surfaces.exchange import tables
from kontor.surfaces.exchange.tables import headers, read

pytestmark = [pytest.mark.requirement("K17")]
TRADITIONAL = "客戶編號,名稱,電話\nA1,鼎曜自動化股份有限公司,03-578-2210\nA2,立群氣動,02-2790-3355\n"
SIMPLIFIED = "客户编号,名称,电话\nA1,苏州立信传动有限公司,0512-6288-0190\nA2,恒运物流设备,021-5882-6610\n"


def rows(path: Path, name: str = "") -> list[dict[str, Any]]:
    return [r.values for r in read(path, name)]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TRADITIONAL, "utf-8"),
        (TRADITIONAL, "utf-8-sig"),
        (TRADITIONAL, "utf-16"),
        (TRADITIONAL, "utf-16-le"),
        (TRADITIONAL, "utf-16-be"),
        (TRADITIONAL, "big5"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "gbk"),
        (SIMPLIFIED, "utf-8"),
    ],
)
def test_every_usual_encoding_gives_the_same_text(tmp_path: Path, text: str, encoding: str):
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    head, *lines = text.strip().split("\n")
    assert headers(path) == head.split(",")
    assert rows(path) == [dict(zip(head.split(","), line.split(","), strict=True)) for line in lines]


def test_western_text_and_other_delimiters(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes("Name;Straße\nMüller;Zum Café\n".encode("cp1252"))
    assert rows(path) == [{"Name": "Müller", "Straße": "Zum Café"}]
    path.write_text("sep=|\na|b\n1|2\n")
    assert rows(path) == [{"a": "1", "b": "2"}]
    path.write_text("a\tb\n1,5\t2\n")
    assert rows(path) == [{"a": "1,5", "b": "2"}]


def test_lines_are_those_of_the_file(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_text('\n\nname,note\n\nA,"two\nlines"\n\nB,\n')
    assert [(r.line, r.values["name"]) for r in read(path)] == [(6, "A"), (8, "B")]


def book(path: Path, write: Any) -> Path:
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet()
    write(made, sheet)
    made.close()
    return path


def test_merged_cells_and_a_title_above_the_table(tmp_path: Path):
    def write(made: Any, sheet: Any) -> None:
        sheet.merge_range("A1:C1", "訂單明細表")
        for at, name in enumerate(["單號", "客戶", "數量"]):
            sheet.write(2, at, name)
        sheet.merge_range("A4:A5", "SO-1")
        sheet.merge_range("B4:B5", "鼎曜")
        sheet.write(3, 2, 2)
        sheet.write(4, 2, 3.5)
        sheet.write_row(5, 0, ["SO-2", "立群", 1])

    found = list(read(book(tmp_path / "m.xlsx", write)))
    assert [(r.line, *(str(v) for v in r.values.values())) for r in found] == [
        (4, "SO-1", "鼎曜", "2"),
        (5, "SO-1", "鼎曜", "3.5"),
        (6, "SO-2", "立群", "1"),
    ]


def test_cells_keep_their_kind(tmp_path: Path):
    import datetime as dt
    from decimal import Decimal

    def write(made: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["code", "text number", "price", "day", "yes"])
        sheet.write(1, 0, 1001)
        sheet.write_string(1, 1, "00123")
        sheet.write(1, 2, 0.1)
        sheet.write_datetime(1, 3, dt.datetime(2026, 11, 22), made.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_boolean(1, 4, True)

    assert rows(book(tmp_path / "k.xlsx", write)) == [
        {"code": 1001, "text number": "00123", "price": Decimal("0.1"), "day": dt.date(2026, 11, 22), "yes": True}
    ]


def refused(path: Path, name: str = "") -> Refused:
    with pytest.raises(Refused) as caught:
        rows(path, name)
    return caught.value


def test_what_is_no_table_is_refused_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "x.csv"
    path.write_bytes(b"")
    assert refused(path).code == "empty"
    path.write_text("a,b\n1,2,3\n")
    assert refused(path).code == "too_many_cells"
    assert "line 2" in str(refused(path))
    path.write_text("a,a\n1,2\n")
    assert refused(path).code == "column_twice"
    path.write_text(",".join(f"c{i}" for i in range(501)) + "\n")
    assert "500" in str(refused(path))
    path.write_bytes(b"PK\x03\x04rest")
    assert refused(path).code == "format"
    (tmp_path / "y.xlsx").write_bytes(b"no spreadsheet")
    assert refused(tmp_path / "y.xlsx").code == "unreadable"
    path.write_bytes(b"a,b\n\x00\xd8\x00\x00\n")
    assert isinstance(refused(path), Refused)
    monkeypatch.setattr(tables, "LARGEST", 10)
    path.write_text("name\n" + "x" * 20)
    assert (refused(path).code, refused(path).status) == ("too_large", 413)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path):
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _i in range(100):
            part.write(b"\0" * 2**20)
    assert path.stat().st_size < 2**20
    assert refused(path).code == "too_large"


def test_formulas_are_disarmed_and_come_back(tmp_path: Path):
    assert tables.safe_text("=1+1") == "'=1+1"
    assert tables.safe_text("@SUM(A1)") == "'@SUM(A1)"
    assert tables.safe_text("plain") == "plain"
    path = tmp_path / "x.csv"
    path.write_text(tables.csv_text([["name", "phone"], ["=cmd|' /C calc'!A0", "+886-3-578"]]))
    assert rows(path) == [{"name": "=cmd|' /C calc'!A0", "phone": "+886-3-578"}]


@pytest.mark.parametrize("tail", [(1_048_575, 16_383), (1_048_575, 200)])
def test_a_cell_far_away_does_not_bring_down_the_server(tmp_path: Path, tail: tuple[int, int]):
    """A few kilobytes that ask for a rectangle of gigabytes: refused, and this process lives on."""
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "name")
        sheet.write(*tail, "far")
    assert path.stat().st_size < 20_000
    with pytest.raises(Refused) as refusal:
        rows(path)
    assert refusal.value.code == "too_large" and "far.xlsx" in str(refusal.value.detail)
