"""Steps: run what may run side by side, and print a line when each begins and ends."""

import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from .trouble import Trouble


class Printer:
    """Writes whole lines to standard output, from any thread, with the time since the start."""

    def __init__(self, out=None) -> None:
        self._out = out or sys.stdout
        self._lock = threading.Lock()
        self._start = time.monotonic()

    def line(self, mark: str, text: str) -> None:
        with self._lock:
            elapsed = time.monotonic() - self._start
            self._out.write(f"{elapsed:6.1f}s {mark} {text}\n")
            self._out.flush()

    def plain(self, text: str = "") -> None:
        with self._lock:
            self._out.write(text + "\n")
            self._out.flush()

    def elapsed(self) -> float:
        """Seconds since this printer was made."""
        return time.monotonic() - self._start


@dataclass
class Step:
    """A named piece of work.

    `work(note)` does it; `note(text)` says what goes on; it may return a short text that the
    closing line shows. `after` names the steps that must have ended.
    """

    name: str
    work: Callable[[Callable[[str], None]], str | None]
    after: tuple[str, ...] = field(default=())


def run_steps(steps: Iterable[Step], printer: Printer, *, ended: Iterable[str] = ()) -> None:
    """Run each step as soon as the ones it comes after have ended; `ended` names earlier ones.

    When one fails no other begins; those at work are waited for (a package manager must not be
    cut off), then the first failure is raised.

    Raises:
        Trouble: what the first failing step raised (also for a step that waits for an unknown).
    """
    waiting = {step.name: step for step in steps}
    done = set(ended)
    names = done | set(waiting)
    for step in waiting.values():
        if unknown := set(step.after) - names:
            raise Trouble(f"step {step.name!r} comes after unknown {sorted(unknown)}")
    running: dict[Future, str] = {}
    failure: BaseException | None = None
    with ThreadPoolExecutor(max_workers=8) as pool:
        while running or (waiting and failure is None):
            if failure is None:
                for step in [s for s in waiting.values() if set(s.after) <= done]:
                    del waiting[step.name]
                    running[pool.submit(_run_one, step, printer)] = step.name
            if not running:
                raise Trouble(f"steps wait for each other: {sorted(waiting)}")
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                name = running.pop(future)
                error = future.exception()
                if error is None:
                    done.add(name)
                    continue
                printer.line("✗", f"{name}: {error}")
                failure = failure or error
                if running:
                    printer.line("…", "waiting for: " + ", ".join(sorted(running.values())))
    if failure is not None:
        raise failure


def _run_one(step: Step, printer: Printer) -> None:
    printer.line("·", step.name)
    start = time.monotonic()
    result = step.work(lambda text: printer.line(" ", f"  {step.name}: {text}"))
    seconds = time.monotonic() - start
    printer.line("✓", f"{step.name} ({seconds:.1f} s)" + (f": {result}" if result else ""))
