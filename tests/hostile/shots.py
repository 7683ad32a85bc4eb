"""One hostile call: mostly right, wrong in a place or two, now and then nothing but rubbish."""

from __future__ import annotations

import re
from random import Random
from urllib.parse import quote

from kontor.reports import api as reports
from tests.hostile.asking import Asking
from tests.hostile.doors import Door
from tests.hostile.forming import Forming, Forms
from tests.hostile.shot import SAFE, Shot
from tests.hostile.values import IDS, TEXTS, Nasty
from tests.hostile.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND")
HEADERS = (
    "If-Match", "If-None-Match", "Idempotency-Key", "Accept", "Accept-Language", "X-Request-ID", "X-Forwarded-Host",
    "X-Forwarded-For", "X-Forwarded-Proto", "If-Modified-Since", "Range", "Referer", "Origin", "X-HTTP-Method-Override",
    "HX-Request", "HX-Target", "HX-Current-URL", "Content-Encoding", "User-Agent", "Cookie", "Authorization", "Via",
)  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Gunner(Asking, Forming):
    """Makes shots; ``forms`` gives the named values of the forms on a page."""

    def __init__(self, world: World, forms: Forms) -> None:
        self.world, self.forms = world, forms

    def shot(self, door: Door, rng: Random) -> Shot:
        """A shot at a door; the same random source makes the same one of the same company."""
        self.rng = rng
        self.nasty = Nasty(rng, self.world.every_id, self.world.foreign, self.world.words)
        method = rng.choice(door.methods) if rng.random() < 0.93 else rng.choice(METHODS)
        shot = Shot(door, method, self._path(door))
        if rng.random() < 0.55 or method == "GET":
            self._ask(shot)
        if method not in SAFE:
            self._fill(shot)
        self._dress(shot)
        return shot

    # -- the address ---------------------------------------------------------------------------------

    def _path(self, door: Door) -> str:
        values = {}
        for kind, name in door.parts:
            values[name] = self._part(door, kind, name)
        path = door.filled(values)
        if self.rng.random() < 0.02:
            path = path.rstrip("/") + self.rng.choice(("//", "", "/..;/", "/%2e%2e/", "/\x00/", "/%ff/", "/" * 300))
        return quote(path.encode("utf-8", "surrogatepass"), safe="/%:;,=@+$&!*'()")

    def _part(self, door: Door, kind: str, name: str) -> str:
        if name == "spec" and door.spec:
            return door.spec.name if kind == "resource" else door.spec.path
        if kind in ("uuid", "api_id"):
            return self._id(door, "files" if name == "file" else "")
        if name == "action" and door.spec:
            return str(
                self.rng.choice([*door.spec.actions] * 9 + ["nothing", "create", "update", "delete", "__init__"])
            )
        if name == "name":
            known = [r.name for r in reports.reports()] if "reports" in door.route else self.world.prints
            return str(self.rng.choice([*known] * 4 + ["nothing", "definitions"]))
        return self.nasty.text().replace("/", "")[:200] or "x"

    def _id(self, door: Door, word: str) -> str:
        word = word or self.world.others_before(door.route)
        own = self.world.ids.get(word or (door.spec.name if door.spec else ""), [])
        roll = self.rng.random()
        if own and roll < 0.85:
            return self.rng.choice(own)
        return str(self.rng.choice((self.nasty.one(self.nasty.ids), self.nasty.one(self.nasty.foreign), *IDS[:2])))

    def _fill(self, shot: Shot) -> None:
        door = shot.door
        if not door.is_api:
            self._form(shot)
        elif door.route.endswith(("files/", "attachments/", "import/")) and self.rng.random() < 0.6:
            headers = [str(self.nasty.one([*door.spec.fields])) for _n in range(4)] if door.spec else ["a"]
            options = [(n, self.nasty.text()) for n in self.rng.sample(["columns", "key", "by", "atomic"], 2)]
            self._multipart(shot, options if self.rng.random() < 0.5 else [], headers)
        else:
            self._json(shot)

    # -- the head ------------------------------------------------------------------------------------

    def _dress(self, shot: Shot) -> None:
        """Headers: the version of what is changed, and now and then one that means no good."""
        if shot.method in ("PATCH", "DELETE") and self.rng.random() < 0.85:
            shot.headers["If-Match"] = self.rng.choice(('"1"', "*", '"2"', 'W/"1"', '"x"', ""))
        if self.rng.random() < 0.2:
            name = self.rng.choice(HEADERS)
            text = self.rng.choice(TEXTS)[:3000]  # control marks are refused by the web server itself
            shot.headers[name] = _CONTROL.sub("", text.encode("utf-8", "ignore").decode("latin-1"))
        if not shot.door.is_api and self.rng.random() < 0.4:
            shot.headers["HX-Request"] = "true"
