"""Pictures of the user guide: ``python -m infra.pictures DEMO.json [--language zh-hant] [NAME …]``.

``DEMO.json`` is what ``./kontor demo --detach --json`` printed. Each picture is taken in three languages by
headless Chromium on the sample company, with 256 colours, so that it stays below 150 kB. Nothing is saved in
the company but the language of the users who sign in, which is put back, and an uploaded file that is never imported.
"""

from __future__ import annotations

import argparse
import base64
import json
import struct
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "user_guide"
LANGUAGES = ("en", "zh-hant", "zh-hans")
WIDTH, HEIGHT, MOST = 1360, 840, 150_000
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--host-resolver-rules=MAP *.localhost 127.0.0.1"]
_PIXELS = """async source => {
  const image = new Image(); image.src = source; await image.decode();
  const canvas = document.createElement("canvas"); canvas.width = image.width; canvas.height = image.height;
  const pen = canvas.getContext("2d"); pen.drawImage(image, 0, 0);
  const data = pen.getImageData(0, 0, image.width, image.height).data;
  let out = ""; for (let i = 0; i < data.length; i += 32768) out += String.fromCharCode(...data.subarray(i, i + 32768));
  return [image.width, image.height, btoa(out)];
}"""
CUSTOMERS = """名稱,統一編號,電話,電子郵件,負責業務
寶翔精密股份有限公司,99000601,04-2358-1100,po@baoxiang.example,
立昕光電有限公司,99000617,03-667-2040,buy@lixin.example,
Harbor Tools Inc.,,+1 206 555 0148,orders@harbor.example,
"""


class Desk:
    """A signed-in person with a page in one language."""

    def __init__(self, browser: Any, demo: dict[str, Any], role: str, language: str) -> None:
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, base_url=demo["url"])
        self.page: Any = context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.goto("/accounts/login/")
        user = next(u for u in demo["users"] if u["role"] == role)
        self.page.fill("input[name=login]", user["username"])
        self.page.fill("input[name=password]", user["password"])
        self.page.click("main button.is-main")
        self.page.wait_for_selector("html[data-ready] .k-shell")
        self.before = self.page.get_attribute("html", "lang").lower()
        self.speak(language)

    def speak(self, language: str) -> None:
        """Choose a language as the user's menu does."""
        self.page.evaluate(
            """async language => {
              const {token} = await (await fetch("/shell/token/")).json();
              const body = new URLSearchParams({language, csrfmiddlewaretoken: token});
              await fetch("/me/preference/", {method: "POST", body, redirect: "manual"});
            }""",
            language,
        )

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_selector("html[data-ready]")
        self.page.wait_for_timeout(400)

    def first(self, path: str, query: str) -> str:
        """The address of the first record of a list."""
        self.go(f"/{path}/?{query}")
        href = self.page.locator("#list tr[data-href]").first.get_attribute("data-href")
        assert href, f"/{path}/?{query} shows no record"
        return str(href).partition("?")[0]

    def leave(self) -> None:
        self.speak(self.before)
        self.page.context.close()


Take = Callable[[Desk], None]
PICTURES: dict[str, tuple[str, Take]] = {}


def picture(name: str, role: str) -> Callable[[Take], Take]:
    """The function brings the desk to what the picture shows."""

    def keep(take: Take) -> Take:
        PICTURES[name] = (role, take)
        return take

    return keep


@picture("workbench", "manager")
def _workbench(desk: Desk) -> None:
    desk.go("/")


@picture("users", "admin")
def _users(desk: Desk) -> None:
    desk.go("/settings/users/")


@picture("role", "admin")
def _role(desk: Desk) -> None:
    desk.go("/settings/roles/")
    desk.go(desk.page.locator("a[href*='/settings/roles/0']").nth(3).get_attribute("href"))


@picture("import", "admin")
def _import(desk: Desk) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "customers.csv"
        file.write_text(CUSTOMERS, encoding="utf-8")
        desk.go("/x/import/parties.customer/")
        desk.page.set_input_files("input#file", str(file))
        if desk.page.locator("form button.is-main:visible").count():
            desk.page.click("form button.is-main:visible")
        desk.page.wait_for_selector("table select")
        desk.page.wait_for_timeout(400)


@picture("customer", "sales_lead")
def _customer(desk: Desk) -> None:
    desk.go(desk.first("parties/customers", "life_stage=vip&sort=code"))


@picture("orders", "sales_lead")
def _orders(desk: Desk) -> None:
    desk.go("/sales/orders/?state__in=confirmed,draft&sort=-ordered_on")


@picture("board", "sales_lead")
def _board(desk: Desk) -> None:
    desk.go("/sales/quotations/?show=board")


@picture("entry", "sales_lead")
def _entry(desk: Desk) -> None:
    address = desk.first("sales/orders", "state=draft")
    desk.go(f"{address}edit/")
    desk.page.locator("[data-grid=lines] tbody tr").nth(1).locator("td").nth(2).click()
    desk.page.wait_for_timeout(900)


@picture("order", "sales_lead")
def _order(desk: Desk) -> None:
    desk.go(desk.first("sales/orders", "state=confirmed&sort=ordered_on"))


@picture("ship", "warehouse")
def _ship(desk: Desk) -> None:
    desk.go(desk.first("sales/deliveries", "state=draft"))
    desk.page.locator("[href$='/do/ship/']:visible").first.click()
    desk.page.wait_for_selector("dialog.k-panel footer .is-main")
    desk.page.wait_for_timeout(400)
    desk.page.wait_for_selector("dialog [data-preview][aria-busy]", state="detached")
    desk.page.wait_for_timeout(400)


@picture("balances", "warehouse")
def _balances(desk: Desk) -> None:
    desk.go("/inventory/balances/?sort=-reserved")


@picture("invoice", "accountant")
def _invoice(desk: Desk) -> None:
    desk.go(desk.first("sales/invoices", "state=posted&kind=invoice&sort=-posted_on"))


@picture("ageing", "accountant")
def _ageing(desk: Desk) -> None:
    desk.go("/reports/ageing/")


@picture("periods", "accountant")
def _periods(desk: Desk) -> None:
    desk.go("/calendars/periods/")


@picture("search", "sales_lead")
def _search(desk: Desk) -> None:
    desk.go("/sales/orders/")
    desk.page.keyboard.press("Control+k")
    desk.page.keyboard.type("鼎曜", delay=40)
    desk.page.wait_for_selector("dialog [role=option]")
    desk.page.wait_for_timeout(600)


def small(page: Any, shot: bytes) -> bytes:
    """The picture with the 256 colours that say most of it; ``page`` is an empty one that decodes it."""
    width, height, body = page.evaluate(_PIXELS, "data:image/png;base64," + base64.b64encode(shot).decode())
    data = base64.b64decode(body)
    pixels = [data[i : i + 3] for i in range(0, len(data), 4)]
    coarse = {colour: bytes(min(255, (part + 4) // 8 * 8) for part in colour) for colour in set(pixels)}
    counted = Counter(coarse[p] for p in pixels)
    exact = dict(Counter(pixels).most_common(128))  # flat areas keep their own colour
    palette = list(exact) + [c for c, _n in counted.most_common(256) if c not in exact][: 256 - len(exact)]
    place = {colour: palette.index(_nearest(palette, colour)) for colour in set(pixels)}
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        rows += bytes(place[p] for p in pixels[y * width : (y + 1) * width])
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(palette)),
        (b"IDAT", zlib.compress(bytes(rows), 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(d)) + kind + d + struct.pack(">I", zlib.crc32(kind + d)) for kind, d in parts
    )


def _nearest(palette: list[bytes], colour: bytes) -> bytes:
    r, g, b = colour
    return min(palette, key=lambda p: (p[0] - r) ** 2 + (p[1] - g) ** 2 + (p[2] - b) ** 2)


def main() -> int:
    """Take the pictures; exit status 1 if one is too large."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(prog="python -m infra.pictures", description=__doc__)
    parser.add_argument("demo", type=Path, help="what ./kontor demo --detach --json printed")
    parser.add_argument("--language", choices=LANGUAGES, action="append")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(PICTURES)}; all unless given")
    wish = parser.parse_args()
    demo, large = json.loads(wish.demo.read_text(encoding="utf-8")), 0
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        blank = browser.new_page()
        for language in wish.language or LANGUAGES:
            for name in wish.names or PICTURES:
                role, take = PICTURES[name]
                desk = Desk(browser, demo, role, language)
                try:
                    take(desk)
                    shot = small(blank, desk.page.screenshot())
                finally:
                    desk.leave()
                path = TARGET / language / f"{name}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(shot)
                large += len(shot) > MOST
                sys.stderr.write(f"{path.relative_to(ROOT)} {len(shot) // 1000} kB\n")
        browser.close()
    return 1 if large else 0


if __name__ == "__main__":
    raise SystemExit(main())
