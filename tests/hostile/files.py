"""Files nobody should send: tables in old encodings, bombs, halves, and names that lead elsewhere."""

from __future__ import annotations

import io
import zipfile
import zlib
from functools import cache
from random import Random

from tests.hostile.values import TEXTS

ENCODINGS = ("utf-8", "utf-8-sig", "big5", "gb18030", "utf-16", "utf-16-le", "utf-32", "shift_jis", "euc_kr", "latin-1")
NAMES = (
    "a.csv", "a.xlsx", "a.CSV", "../../etc/passwd.csv", "..\\..\\x.csv", "x\r\nX-Evil: 1.csv",
    "\u202egpj.csv", "a\x00.csv",
    "字" * 300 + ".csv", "." * 255, "", "CON.csv", "a.xlsx.csv", "a.csv.exe", "a.html", "a.svg", "='x.csv",
    "x\".csv", "a;b.csv",
    "\ufeff.xlsx", "a.pdf", "a.zip", "a.txt", "a.tsv", ".csv", "a.xls", "a.xlsm", "%00.csv", "%2e%2e%2fx.csv",
)  # fmt: skip


@cache
def bomb() -> bytes:
    """A workbook whose one sheet unpacks to 300 MB of spaces."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS)
        archive.writestr("xl/workbook.xml", _BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _BOOK_RELATIONS)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(b'<?xml version="1.0"?><worksheet><sheetData><row><c t="inlineStr"><is><t>')
            for _n in range(300):
                sheet.write(b" " * 2**20)
            sheet.write(b"</t></is></c></row></sheetData></worksheet>")
    return out.getvalue()


def workbook(cells: list[list[object]]) -> bytes:
    """A sheet as Excel writes it."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in cells:
        book.active.append([c if isinstance(c, int | float | str) else str(c) for c in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def laughing() -> bytes:
    """A workbook whose sheet names entities of entities."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    sheet = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">{entities}]><worksheet>&a9;</worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS),
            ("xl/workbook.xml", _BOOK),
            ("xl/_rels/workbook.xml.rels", _BOOK_RELATIONS),
            ("xl/worksheets/sheet1.xml", sheet),
            ("../../evil.txt", "x"),
        ):
            archive.writestr(name, text)
    return out.getvalue()


def table(rng: Random, headers: list[str]) -> bytes:
    """A text table over these headers, with cells that break it, in some encoding, now and then cut or salted."""
    mark = rng.choice((",", ",", "\t", ";", "|"))
    rows = [headers] + [[rng.choice(TEXTS)[:300] for _h in headers] for _n in range(rng.randrange(4))]
    if rng.random() < 0.3:
        rows.append(["x"] * rng.choice((0, 1, len(headers) + 5, 400)))
    quoted = (mark.join(f'"{c}"' if rng.random() < 0.5 else c for c in row) for row in rows)
    body = rng.choice(("\n", "\r\n", "\r")).join(quoted).encode(rng.choice(ENCODINGS), "ignore")
    roll = rng.random()
    if roll < 0.1:
        return body[: len(body) // 2 + 1]
    if roll < 0.2:
        return body.replace(b",", rng.choice((b"\x00", b"\xff\xfe", b'"', b"\x80\x81")), 2)
    return body


def anything(rng: Random, headers: list[str]) -> bytes:
    """The content of an uploaded file."""
    roll = rng.random()
    if roll < 0.5:
        return table(rng, headers)
    if roll < 0.65:
        cells = [headers, [rng.choice((1e308, "=1+1", "\u202e", "x" * 400, -5, "字")) for _h in headers]]
        body = workbook(cells)
        return body if rng.random() < 0.6 else body[: rng.randrange(1, len(body))]
    if roll < 0.7:
        return laughing()
    if roll < 0.73:
        return bomb()
    return rng.choice(
        (b"", b"\x00" * 100, b"PK\x03\x04", b"%PDF-1.7", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b'"' * 999, b",\n" * 50,
         zlib.compress(b"x" * 99), b"\xd0\xcf\x11\xe0" + b"\x00" * 600, bytes(range(256)), b"a," * 5000, b"\n" * 9999)
    )  # fmt: skip


_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName='
    '"/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
    'worksheet+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_BOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    f'xmlns:r="{_OFFICE}"><sheets><sheet name="x" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_BOOK_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
