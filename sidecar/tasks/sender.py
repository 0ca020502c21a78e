"""Gives hints to the broker behind a request's back: whoever must answer somebody never waits.

A broker may take a connection and say nothing for minutes. A hint that is not given is only late:
the item is in the due queue, where the sweeper finds it.
"""

import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from dramatiq import Broker

from sidecar.tasks import messages

log = structlog.get_logger(__name__)

WAITING = 1000  # hints; more are dropped
STALE = 10.0  # seconds past its time after which the sweeper has surely told the workers


@dataclass(frozen=True, slots=True)
class _Hint:
    kind: str
    item: str
    due: float  # time.monotonic()


class HintSender:
    """The hints of one process, given one after the other by a thread. Safe between threads.

    The thread begins with the first hint, anew in a forked process.
    """

    def __init__(
        self,
        broker: Broker,
        waiting: int = WAITING,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._broker = broker
        self._clock = clock
        self._size = waiting
        self._lock = threading.Lock()
        self._process = 0  # whose thread gives the hints
        self._waiting: queue.SimpleQueue[_Hint] = queue.SimpleQueue()

    def hint(self, kind: str, item: str, delay: float = 0.0) -> bool:
        """Let the workers be told that `item` of `kind` is due in `delay` seconds; never waits.

        False when too many hints wait already: the sweeper finds the item all the same.
        """
        self._begin()
        if self._waiting.qsize() >= self._size:
            log.warning("broker.hint_dropped", kind=kind, item=item)
            return False
        self._waiting.put(_Hint(kind, item, self._clock() + delay))
        return True

    def _begin(self) -> None:
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process != os.getpid():
                self._waiting = queue.SimpleQueue()  # what a parent had waiting, it gives
                give = threading.Thread(target=self._give, name="hints", daemon=True)
                give.start()
                self._process = os.getpid()

    def _give(self) -> None:
        waiting = self._waiting
        while True:
            one = waiting.get()
            left = one.due - self._clock()
            if left > -STALE:
                messages.hint(self._broker, one.kind, one.item, max(0.0, left))
