"""The forms of pages: the fields that the page itself shows, some of them with what nobody types."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

from tests.hostile import files
from tests.hostile.filling import Filling
from tests.hostile.shot import Shot
from tests.hostile.values import IDS

Forms = Callable[[str], list[tuple[str, str]]]
# What the forms of allauth ask for; their classes name it, not our code.
SIGN_IN = ("login", "password", "remember", "next", "code", "oldpassword", "password1", "password2", "username")


class Forming(Filling):
    """Makes the form; ``forms`` gives the named values of the forms on a page."""

    forms: Forms

    def _form(self, shot: Shot) -> None:
        door = shot.door
        pairs = self.forms(shot.path) if self.rng.random() < 0.8 else []
        shot.base = shot.path if pairs else ""
        names = [*door.names, *(door.spec.fields if door.spec else ())]
        if "accounts/" in door.route:
            names += [*SIGN_IN] * 3
        if door.spec and not pairs:
            pairs = [(f"lines.{n}", json.dumps([self.nasty.json()])) for n in door.spec.lines]
            pairs += [("ids", self.rng.choice(self.world.ids.get(door.spec.name) or [*IDS])) for _n in range(2)]
        for _n in range(self.rng.choice((1, 1, 2, 3))):
            if pairs and self.rng.random() < 0.6:
                at = self.rng.randrange(len(pairs))
                name, value = pairs[at]
                if value[:1] in ("[", "{") and self.rng.random() < 0.7:
                    value = self._in_json(value)
                else:
                    value = self.nasty.text()
                pairs = [*pairs[:at], (name, value), *pairs[at + 1 :]]
            elif names:
                pairs = [*pairs, (str(self.nasty.one(names)), self.nasty.text())]
        if any(n in ("file", "logo") for n in (*door.names, *dict(pairs))) and self.rng.random() < 0.7:
            self._multipart(shot, pairs, [str(n) for n in (door.spec.fields if door.spec else ["a"])][:5])
            return
        shot.content_type = "application/x-www-form-urlencoded"
        coded = [(k.encode("utf-8", "surrogatepass"), v.encode("utf-8", "surrogatepass")) for k, v in pairs]
        shot.body = urlencode(coded).encode()
        roll = self.rng.random()
        if roll < 0.03:
            shot.body += self.rng.choice((b"&%", b"&a=%ff%fe", b"&=", b"&\xff=\xfe", b"&a=" + b"x" * 200_000))
        elif roll < 0.05:
            shot.content_type = self.rng.choice(
                (
                    "application/json",
                    "text/plain",
                    "application/x-www-form-urlencoded; charset=utf-16",
                    "multipart/form-data",
                )
            )

    def _in_json(self, text: str) -> str:
        try:
            return json.dumps(self._broken(json.loads(text)))
        except ValueError:
            return self.nasty.text()

    def _multipart(self, shot: Shot, pairs: list[tuple[str, str]], headers: list[str]) -> None:
        edge = self.rng.choice(("edge",) * 8 + ("x" * 70, "--", "e dge"))
        out = b""
        for name, value in pairs:
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            out += head.encode("utf-8", "surrogatepass") + value.encode("utf-8", "surrogatepass") + b"\r\n"
        part = self.rng.choice(("file",) * 9 + ("logo", "x", ""))
        name = self.rng.choice(files.NAMES)
        kind = self.rng.choice(
            ("text/csv", "application/octet-stream", "image/png", "text/html", "x/y; charset=utf-16", "\x00")
        )
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"\r\n'
        head += f"Content-Type: {kind}\r\n\r\n"
        out += head.encode("utf-8", "surrogatepass") + files.anything(self.rng, headers) + b"\r\n"
        end = b"" if self.rng.random() < 0.05 else f"--{edge}--\r\n".encode()
        shot.body, shot.content_type = out + end, f"multipart/form-data; boundary={edge}"
        if self.rng.random() < 0.05:
            shot.body = self.rng.choice((b"", b"--edge", b"\r\n\r\n", shot.body[:99], b"--edge\r\n" * 500))
