"""The trace of one turn: what was done for it, step by step, how long each took and how it ended.

The desk makes one per turn and passes it down; whoever does a step adds it. A trace never fails a
turn, and what it tells is masked and cut.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sidecar.observability.logging import mask_text

Kind = Literal["route", "prefetch", "tool", "llm", "check", "post", "handoff"]

MOST_STEPS = 60
LONGEST_TOLD = 300  # characters


@dataclass(slots=True)
class Step:
    """One thing done. ms: how long it took. told: a few words about it, never a secret."""

    kind: Kind
    name: str
    ms: float = 0.0
    ok: bool = True
    told: str = ""


class Trace:
    """The steps of one turn and what the language model cost. Safe to share between threads."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._steps: list[Step] = []
        self._left_out = 0
        self.model = ""
        self.llm_calls = 0
        self.input_tokens = 0
        self.output_tokens = 0
        self.cost = 0.0

    @property
    def seconds(self) -> float:
        """How long the turn has been worked on."""
        return time.monotonic() - self._started

    def step(
        self, kind: Kind, name: str, ms: float = 0.0, ok: bool = True, told: object = ""
    ) -> None:
        """Add a step; beyond the cap only their number is kept."""
        self._add(Step(kind, name, ms, ok, str(told)))

    @contextmanager
    def timed(self, kind: Kind, name: str) -> Iterator[Step]:
        """Add a step that takes as long as the block; the block may set `told` and `ok`.

        An error makes it a failed step, told by its code, and goes on.
        """
        step, started = Step(kind, name), time.monotonic()
        try:
            yield step
        except BaseException as error:
            step.ok = False
            step.told = step.told or str(getattr(error, "code", type(error).__name__))
            raise
        finally:
            step.ms = (time.monotonic() - started) * 1000
            self._add(step)

    def spent(
        self, model: str, input_tokens: int, output_tokens: int, cost: float = 0.0, calls: int = 1
    ) -> None:
        """Count what calls of a language model used."""
        with self._lock:
            self.model = model or self.model
            self.llm_calls += calls
            self.input_tokens += input_tokens
            self.output_tokens += output_tokens
            self.cost += cost

    def steps(self) -> list[dict[str, Any]]:
        """All steps in the order they ended, as JSON has them."""
        with self._lock:
            told = [asdict(step) for step in self._steps]
            if self._left_out:
                more = Step("check", "more", told=f"+{self._left_out}")
                told.append(asdict(more))
            return told

    def _add(self, step: Step) -> None:
        step.ms = round(step.ms, 1)
        step.told = mask_text(step.told)[:LONGEST_TOLD]
        with self._lock:
            if len(self._steps) < MOST_STEPS:
                self._steps.append(step)
            else:
                self._left_out += 1
