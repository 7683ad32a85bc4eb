"""What a clerk does on a screen: signs in, fills a form, adds a line, answers a panel, keeps a picture."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID

from tests.web.conftest import PICTURES, Site, until

OPTION = ".k-combo:popover-open [aria-selected=true]"


class Clerk:
    """A person with a page, a language and a screen of some width (a phone below 768 pixels)."""

    def __init__(self, chromium: Any, site: Site, language: str, width: int, name: str) -> None:
        self.phone = width < 768
        self.name = name
        self.complaints: list[str] = []
        self._shots = count(1)
        context = chromium.new_context(
            viewport={"width": width, "height": 812 if self.phone else 900}, base_url=site.url, has_touch=self.phone
        )
        self.page: Any = context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("console", self._heard)
        self.page.on("response", self._answered)
        self._sign_in(site, language)

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Any) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.url}: {response.status}")

    def _sign_in(self, site: Site, language: str) -> None:
        from kontor.identity.models import User
        from tenants.provisioning import in_tenant

        with in_tenant(site.name):
            User.objects.filter(username="admin").update(language=language)
        self.page.goto("/accounts/login/")
        self.page.fill("input[name=login]", "admin")
        self.page.fill("input[name=password]", site.users["admin"])
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_selector("html[data-ready]")
        assert self.page.get_attribute("html", "lang").lower().startswith(language.split("-")[0])

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_selector("html[data-ready]")

    def keep(self, step: str) -> None:
        """A picture of the step for the output of CI; nothing may stick out to the right."""
        PICTURES.parent.joinpath("e2e").mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(PICTURES.parent / "e2e" / f"{self.name}-{next(self._shots):02}-{step}.png"))
        assert self.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{step} sticks out"

    def choose(self, field: str, word: str) -> None:
        """Type into a reference and take the first answer."""
        self.page.fill(field, "")
        self.page.type(field, word)
        self.page.wait_for_selector(OPTION)
        self.page.keyboard.press("Enter")
        until(self.page, lambda: self.page.locator(".k-combo:popover-open").count() == 0)

    def line(self, grid: str, first: tuple[str, str], **values: str) -> None:
        """A line of a grid: in its row at a desk, in a sheet on the phone."""
        self.page.click(f"[data-grid={grid}] [data-add]")
        inside = "dialog.k-linesheet" if self.phone else f"[data-grid={grid}] .is-edit"
        cell = "[data-c={}] input:not([type=hidden])"
        self.page.wait_for_selector(f"{inside} [role=combobox]")
        self.choose(f"{inside} {cell.format(first[0])}", first[1])
        for name, value in values.items():
            self.page.fill(f"{inside} {cell.format(name)}", value)
        if self.phone:
            self.page.click(f"{inside} footer .is-main")
            self.page.wait_for_selector(inside, state="detached")

    def save(self, path: str) -> UUID:
        """Save the form; the id of what was made."""
        self.page.click("form[data-form] .is-main:visible")
        return self.arrive(path)

    def act(self, action: str) -> None:
        """Press an action's button where it stands: in the head, in the dock of the phone, or in the menu."""
        shown = self.page.locator(f"[href$='/do/{action}/']:visible, form[action$='/do/{action}/'] button:visible")
        if not shown.count():
            self.page.locator("[popovertarget=menu-more]:visible, [data-open-more]:visible").first.click()
        shown.first.click()

    def answer(self, shot: str, **values: str) -> None:
        """Fill the panel of an action, wait for what it would move and post, and do it."""
        self.page.wait_for_selector("dialog.k-panel footer .is-main")
        for name, value in values.items():
            self.page.fill(f"dialog.k-panel [name='{name}']", value)
        until(self.page, lambda: self.page.locator("dialog [data-preview][aria-busy]").count() == 0)
        self.keep(shot)
        self.page.click("dialog.k-panel footer .is-main")

    def arrive(self, path: str) -> UUID:
        """Wait for the page of a record of that path."""
        until(self.page, lambda: f"/{path}/" in self.page.url and self._id() is not None, 15)
        self.page.wait_for_selector("html[data-ready]")
        found = self._id()
        assert found is not None
        return found

    def _id(self) -> UUID | None:
        last = self.page.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        try:
            return UUID(last)
        except ValueError:
            return None

    def reached(self, state: str) -> None:
        """The step of the document that was the last one done reads so."""
        self.page.wait_for_selector(f".k-steps li.is-done:has-text('{state}')")

    def text(self, place: str) -> str:
        return str(self.page.inner_text(place))
