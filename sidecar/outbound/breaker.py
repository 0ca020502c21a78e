"""A circuit breaker: who is away is not asked again and again, and callers learn it at once.

pybreaker is the state machine. It holds a lock while the guarded function runs, so the function
runs outside, and only its outcome is told to the machine.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, TypeVar

import pybreaker

from sidecar.errors import SidecarError, Unavailable

FAILURES = 5
PAUSE = 5.0

State = Literal["closed", "open", "half-open"]
_Result = TypeVar("_Result")


class CircuitOpen(Unavailable):
    """The other side did not answer lately; it is asked again soon."""

    default_message = "It did not answer lately and is tried again within seconds."


class Breaker:
    """Opens after `failures` Unavailable in a row; after `pause` seconds one caller tries.

    called: who is guarded, for the error's sentence. on_change: told the new state; it must not
    raise. Other errors are answers: the other side is there.
    """

    def __init__(
        self,
        failures: int = FAILURES,
        pause: float = PAUSE,
        called: str = "Odoo",
        on_change: Callable[[State], None] | None = None,
    ):
        self.pause = pause
        self.called = called
        self._machine = pybreaker.CircuitBreaker(
            fail_max=failures,
            reset_timeout=pause,
            throw_new_error_on_trip=False,
            listeners=[_Listener(self, on_change)],
        )
        self._opened_at = 0.0
        self._probe = threading.Lock()

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        return self._machine.current_state

    def call(self, ask: Callable[[], _Result]) -> _Result:
        """The result of `ask`; CircuitOpen at once while the circuit is open."""
        if self.state == pybreaker.STATE_CLOSED:
            return self._watched(ask)
        if not self._probe.acquire(blocking=False):
            raise self._refusal()
        try:
            if time.monotonic() < self._opened_at + self.pause:
                raise self._refusal()
            return self._watched(ask)
        finally:
            self._probe.release()

    def _watched(self, ask: Callable[[], _Result]) -> _Result:
        try:
            result = ask()
        except Unavailable as error:
            self._tell(error)
            raise
        except SidecarError:
            self._tell(None)
            raise
        self._tell(None)
        return result

    def _tell(self, error: Unavailable | None) -> None:
        def outcome() -> None:
            if error is not None:
                raise error

        with suppress(Unavailable, pybreaker.CircuitBreakerError):
            self._machine.call(outcome)

    def _refusal(self) -> CircuitOpen:
        return CircuitOpen(
            f"{self.called} did not answer lately; it is tried again within"
            f" {max(1, round(self.pause))} seconds."
        )


class _Listener(pybreaker.CircuitBreakerListener):
    def __init__(self, breaker: Breaker, on_change: Callable[[State], None] | None):
        self._breaker = breaker
        self._on_change = on_change

    def state_change(self, cb: Any, old: Any, new: Any) -> None:
        if new.name == pybreaker.STATE_OPEN:
            self._breaker._opened_at = time.monotonic()
        if self._on_change is not None:
            self._on_change(new.name)
