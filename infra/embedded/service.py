"""What the supervisor needs to know of a service."""

from __future__ import annotations

import signal
import subprocess
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from infra.embedded.state import State


class Service(ABC):
    """One program that runs: how it starts, when it is ready, how it is asked to stop."""

    name: ClassVar[str]
    label: ClassVar[str]
    after: ClassVar[tuple[str, ...]] = ()
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_seconds: ClassVar[float] = 10
    stop_unready_seconds: ClassVar[float | None] = None  # one that does not answer yet may be ended sooner
    start_seconds: ClassVar[float] = 60

    def __init__(self, state: State) -> None:
        self.state = state

    @abstractmethod
    def start(self) -> subprocess.Popen[bytes]:
        """Start it; may prepare its folder first, and does so again after an interrupted attempt."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it answers."""

    def facts(self) -> dict[str, Any]:
        """What others need to reach it, for ``services.json``."""
        return {}
