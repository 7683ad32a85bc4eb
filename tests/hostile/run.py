"""Many shots, one after the other: every door in turn, each shot from the seed and its own number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.hostile.calling import Inside, Wire
from tests.hostile.doors import Door, doors
from tests.hostile.judging import Answer, Ledger, complaints, may_write
from tests.hostile.shot import Shot
from tests.hostile.shots import Gunner
from tests.hostile.world import World

SLOW = 10.0  # seconds; no input may hold a worker longer


@dataclass
class Found:
    """What one shot brought to light."""

    number: int
    shot: Shot
    answer: Answer
    wrong: list[str]

    def __str__(self) -> str:
        lines = "\n    ".join(self.wrong)
        return f"#{self.number} {self.answer.status} {self.shot}\n    {lines}\n    {self.answer.body[:200]!r}"


@dataclass
class Run:
    """A run and what it counted."""

    seed: int
    shots: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    doors: set[str] = field(default_factory=set)
    found: list[Found] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    jobs: list[str] = field(default_factory=list)  # faults of background work

    def __iadd__(self, other: Run) -> Run:
        self.shots += other.shots
        self.statuses += other.statuses
        self.doors |= other.doors
        self.found += other.found
        self.slowest = max(self.slowest, other.slowest)
        return self

    def __str__(self) -> str:
        told = ", ".join(f"{s}: {n}" for s, n in sorted(self.statuses.items()))
        head = (
            f"seed {self.seed}: {self.shots} inputs at {len(self.doors)} doors; {told}; slowest {self.slowest[0]:.1f} s"
        )
        return "\n".join([head, *self.jobs, *(str(f) for f in self.found)])


def order_of(seed: int, wanted: Callable[[Door], bool]) -> list[Door]:
    """All doors in an order of the seed's: the rarer kinds of address as often as those of every resource."""
    rng = Random(seed)
    by_route: dict[str, list[Door]] = {}
    for door in doors():
        if wanted(door):
            by_route.setdefault(door.route, []).append(door)
    for group in by_route.values():
        rng.shuffle(group)
    out: list[Door] = []
    for turn in range(max(map(len, by_route.values()))):
        routes = [*by_route.values()]
        rng.shuffle(routes)
        out += [group[turn % len(group)] for group in routes if len(group) > 1 or turn % 8 == 0]
    return out


def shoot(
    world: World,
    caller: Inside | Wire,
    *,
    seed: int,
    numbers: Iterator[int],
    wanted: Callable[[Door], bool] = lambda door: True,
    scope: Callable[[], Any] = nullcontext,
) -> Run:
    """Send the shots and judge every answer; ``scope`` opens the company's tables where they are not open."""
    run = Run(seed)
    order, gunner = order_of(seed, wanted), Gunner(world, caller.forms)
    with scope():
        ledger = Ledger()
    for number in numbers:
        with scope():
            shot = gunner.shot(order[number % len(order)], Random(f"{seed}:{number}"))
        with scope():
            before = ledger.look()
        answer = caller(shot)
        wrong = complaints(shot, answer)
        if not may_write(shot, answer):
            with scope():
                wrong += [f"was written: {t}" for t in Ledger.changed(before, ledger.look(), shot, answer.status)]
        if answer.seconds > SLOW:
            wrong.append(f"took {answer.seconds:.1f} s")
        if isinstance(caller, Inside):
            caller.take_back()
        run.shots += 1
        run.statuses[answer.status] += 1
        run.doors.add(str(shot.door))
        run.slowest = max(run.slowest, (answer.seconds, str(shot)[:200]))
        if wrong:
            run.found.append(Found(number, shot, answer, wrong))
    return run
