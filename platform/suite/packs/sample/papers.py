"""Small files made by code, as customers send them: a purchase order as PDF, a photograph as PNG."""

from __future__ import annotations

import struct
import zlib


def pdf(lines: list[str]) -> bytes:
    """One page A4 with these lines of Latin text; valid, and small."""
    shown = "".join(
        f"({line.encode('ascii', 'replace').decode().replace('(', '[').replace(')', ']')}) Tj T*\n" for line in lines
    )
    content = f"BT /F1 11 Tf 60 780 Td 18 TL\n{shown}ET".encode()
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for n, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    return (
        out
        + head
        + table
        + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            len(bodies) + 1,
            len(out),
        )
    )


def picture(seed: int, width: int = 320, height: int = 240) -> bytes:
    """A crate on a floor, seen from the front: shapes and shades alone."""
    rows = []
    for y in range(height):
        row = bytearray([0])
        for x in range(width):
            row += bytes(_shade(x, y, width, height, seed))
        rows.append(bytes(row))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    )


def _shade(x: int, y: int, width: int, height: int, seed: int) -> tuple[int, int, int]:
    left, right, top, floor = width // 5, width * 4 // 5, height // 4, height * 4 // 5
    if left < x < right and top < y < floor:
        board = (y - top) * 6 // (floor - top)
        if (y - top) % ((floor - top) // 6) < 3 or x - left < 12 or right - x < 12:
            return 120, 84, 46
        return 176 - 6 * (board % 2), 132 - (seed + board) % 9, 80
    return (150, 152, 156) if y > floor - 12 else (214, 218, 222)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
