"""The bodies of the API: right ones with something broken in them, and bytes that no serializer writes."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from django.db import transaction

from kontor.errors import Refused
from kontor.resources.actions import Input
from kontor.resources.spec import Spec
from tests.factories import FACTORIES
from tests.hostile import files
from tests.hostile.shot import Shot
from tests.hostile.values import IDS, RAW_JSON, Nasty
from tests.hostile.world import World


class Filling:
    """Makes the body."""

    rng: Random
    nasty: Nasty
    world: World

    def _json(self, shot: Shot) -> None:
        data = self._data(shot)
        for _n in range(self.rng.choice((0, 1, 1, 1, 2, 3))):
            data = self._broken(data)
        if self.rng.random() < 0.03:
            data = self.nasty.json()
        shot.content_type = "application/json"
        text = json.dumps(data, ensure_ascii=self.rng.random() < 0.5)
        shot.body = text.encode("utf-8", "surrogatepass")
        if self.rng.random() < 0.15:
            self._corrupt(shot, data)

    def _corrupt(self, shot: Shot, data: Any) -> None:
        """Bytes that no serializer writes."""
        roll = self.rng.random()
        if roll < 0.6 and isinstance(data, dict) and data:
            key = self.rng.choice(list(data))
            whole = json.dumps({**data, key: "@@HERE@@"}).encode()
            shot.body = whole.replace(b'"@@HERE@@"', self.rng.choice(RAW_JSON), 1)
        elif roll < 0.7:
            shot.body = shot.body[: len(shot.body) // 2]
        elif roll < 0.8:
            shot.body = shot.body.decode("utf-8", "replace").encode(self.rng.choice(files.ENCODINGS), "ignore")
        elif roll < 0.9:
            shot.body = self.rng.choice(RAW_JSON)
        else:
            shot.content_type = self.rng.choice(
                (
                    "text/plain", "", "application/json; charset=utf-16", "application/json;" + "x" * 999,
                    "multipart/form-data", "application/x-www-form-urlencoded", "multipart/form-data; boundary=",
                    "application/JSON;charset=nothing",
                )
            )  # fmt: skip

    def _data(self, shot: Shot) -> Any:
        door, spec = shot.door, shot.door.spec
        last = door.route.rstrip("/").rpartition("/")[2]
        if spec is None:
            return {name: self.nasty.json() for name in door.names}
        if last == "<slug:action>":
            action = spec.actions.get(shot.path.rstrip("/").rpartition("/")[2])
            return self._inputs(action.body) if action else {}
        if last == "bulk":
            return {
                "items": [self._item(spec) for _n in range(self.rng.randrange(1, 5))],
                "atomic": self.rng.choice((True, False, "x")),
            }
        if last == "import":
            rows = [{str(self.nasty.one([*spec.fields])): self.nasty.text() for _c in range(3)} for _n in range(3)]
            return {
                "rows": rows,
                "atomic": self.rng.choice((True, False)),
                "columns": self.rng.choice((None, {"x": "y"})),
            }
        if shot.method == "PATCH":
            return self._fields(spec, 2)
        if last == spec.path or "<path:ref>" in last or last == "<api_resource:spec>":
            return self._new(spec)
        return {name: self.nasty.json() for name in (*door.names[:3], "text", "file")}

    def _new(self, spec: Spec) -> dict[str, Any]:
        data = self._right(spec)
        if self.rng.random() < 0.7:
            data |= self._fields(spec, self.rng.randrange(4))
        if self.rng.random() < 0.3:
            data["external_ref"] = self.nasty.json()
        return data

    def _right(self, spec: Spec) -> dict[str, Any]:
        """What would be taken; nothing where earlier shots closed the way (a period, say)."""
        if not spec.creatable or spec.name not in FACTORIES:
            return {}
        try:
            with transaction.atomic():
                return dict(FACTORIES[spec.name](self.world.ctx))
        except (Refused, IndexError):
            return {}

    def _fields(self, spec: Spec, most: int) -> dict[str, Any]:
        writable = [f for f in spec.fields.values() if not f.readonly or self.rng.random() < 0.1]
        picked = self.rng.sample(writable, min(most, len(writable)))
        return {f.name: self.nasty.sane(f.kind) if self.rng.random() < 0.5 else self.nasty.json() for f in picked}

    def _item(self, spec: Spec) -> Any:
        method = self.rng.choice(("create", "create", "update", "delete", *spec.actions, self.nasty.text()))
        data = self._new(spec) if method == "create" else self._fields(spec, 2)
        item: dict[str, Any] = {"method": method, "data": data}
        if method != "create":
            item["id"] = self.rng.choice(self.world.ids.get(spec.name) or [*IDS])
        return item if self.rng.random() < 0.9 else self.nasty.json()

    def _inputs(self, body: Any) -> dict[str, Any]:
        out: dict[str, Any] = {}
        given: Input
        for name, given in body.items():
            if self.rng.random() < 0.25 and not given.required:
                continue
            if given.lines is not None:
                out[name] = [self._inputs(given.lines) for _n in range(self.rng.choice((0, 1, 2)))]
            elif given.relation in self.world.ids and self.rng.random() < 0.7:
                out[name] = self.rng.choice(self.world.ids[given.relation] or [*IDS])
            else:
                out[name] = self.nasty.sane("reference" if given.relation else given.kind)
        return out

    def _broken(self, data: Any) -> Any:
        """The same with one value, name or type changed somewhere inside."""
        if isinstance(data, dict) and data and self.rng.random() < 0.97:
            key = self.rng.choice(list(data))
            roll = self.rng.random()
            if roll < 0.1:
                return {**data, self.nasty.text(): self.nasty.json()}
            if roll < 0.15:
                return {k: v for k, v in data.items() if k != key}
            inner = data[key]
            deeper = isinstance(inner, dict | list) and inner and self.rng.random() < 0.9
            return {**data, key: self._broken(inner) if deeper else self.nasty.json()}
        if isinstance(data, list) and data and self.rng.random() < 0.9:
            at = self.rng.randrange(len(data))
            return [*data[:at], self._broken(data[at]), *data[at + 1 :]] * self.rng.choice((1, 1, 1, 2))
        return self.nasty.json()
