"""What a hostile call asks for: names of fields with operators that are not theirs, pages that are not there."""

from __future__ import annotations

from random import Random
from urllib.parse import urlencode

from kontor.reports import api as reports
from kontor.resources import registry
from kontor.resources.spec import Field
from kontor.surfaces.filters import OPERATORS
from kontor.web.lists import CONTROLS
from tests.hostile.doors import Door
from tests.hostile.shot import Shot
from tests.hostile.values import Nasty


class Asking:
    """Makes the query."""

    rng: Random
    nasty: Nasty

    def _ask(self, shot: Shot) -> None:
        names = self._asked_names(shot.door)
        pairs: list[tuple[str, str]] = []
        for _n in range(self.rng.choice((1, 1, 2, 2, 3, 4, 6))):
            name, f = self._asked(shot.door, names)
            value = self.nasty.text() if f is None or self.rng.random() < 0.5 else str(self.nasty.sane(f.kind))
            pairs.append((name, self._shaped(shot.door, name, value)))
        if self.rng.random() < 0.02:
            pairs += [(f"p{n}", "x") for n in range(self.rng.choice((100, 3000)))]
        shot.query = urlencode(
            [(k.encode("utf-8", "surrogatepass"), v.encode("utf-8", "surrogatepass")) for k, v in pairs]
        )
        if self.rng.random() < 0.05:
            shot.query += self.rng.choice(
                ("&", "&=", "&%", "&a=%ff%fe", "&a=%", "&%00=1", "&a[]=1&a[b]=2", ";x=1", "&a=%u0041")
            )
        shot.dry = ("dry_run", "1") in pairs

    def _asked_names(self, door: Door) -> list[str]:
        names = [*door.names]
        if not door.is_api:
            names += CONTROLS
        if "reports" in door.route:
            names += [p.name for r in reports.reports() for p in r.parameters] * 2 + ["format", "template"]
        if door.is_api and door.spec:
            names += [
                "fields",
                "expand",
                "order",
                "cursor",
                "limit",
                "q",
                "count",
                "updated_since",
                "external_ref",
                "by",
            ] * 2
        return names or ["q", "x"]

    def _asked(self, door: Door, names: list[str]) -> tuple[str, Field | None]:
        if door.spec and self.rng.random() < 0.5:
            f = self.rng.choice(list(door.spec.fields.values()))
            roll = self.rng.random()
            if registry.find(f.relation) and roll < 0.2:
                inner = self.rng.choice(list(registry.spec(f.relation).fields.values()))
                return f"{f.name}__{inner.name}", inner
            return (f.name if roll < 0.4 else f"{f.name}__{self.rng.choice((*OPERATORS, 'regex', 'year'))}"), f
        return self.rng.choice(names), None

    def _shaped(self, door: Door, name: str, value: str) -> str:
        """Names of fields where names are asked for, so that not all is refused at once."""
        if self.rng.random() < 0.4 or not door.spec:
            return {"dry_run": "1", "for_import": "1"}.get(name, value)
        fields = list(door.spec.fields)
        if name in ("order", "sort"):
            return self.rng.choice(("", "-", "--")) + self.rng.choice(fields)
        if name in ("fields", "columns", "expand"):
            some = [self.rng.choice([*fields, *door.spec.lines, "vouchers", "moves"]) for _n in range(3)]
            tails = (self.rng.choice(("", ".product", ".id", ".x.y.z", "." * 50)) for _s in some)
            return ",".join(s + t for s, t in zip(some, tails, strict=True)) + self.rng.choice(("", ",", "," * 99))
        if name in ("group", "f", "field", "on"):
            return self.rng.choice(fields)
        if name == "op":
            return self.rng.choice((*OPERATORS, "between", "last", "next", "empty", "filled", "@month", "@x"))
        if name in ("format",):
            return self.rng.choice(("csv", "xlsx", "json", "pdf", "xml"))
        if name in ("limit", "n", "before"):
            return self.rng.choice(("0", "1", "200", "201", "-1", "1e3", "²", "٣", "9" * 30, "0x10"))
        return value
