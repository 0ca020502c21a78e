"""What the measurements share: the started house, its log, and how a row is printed."""

import json
import os
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.e2e.conftest import BASE, HOME, PROGRAMS, Odoo


def administrator() -> Odoo:
    """The administrator at Odoo's RPC door."""
    return Odoo(Path(os.environ["CHATWOOTAI_E2E_ADMIN_PASSWORD_FILE"]).read_text().strip())


def calls_of_the_model() -> int:
    """How many completions the LLM's double was asked for until now."""
    url = f"http://127.0.0.1:{BASE + 8}/double/requests"
    asked = requests.get(url, timeout=10).json()
    return sum("completions" in json.dumps(each.get("path", "")) for each in asked)


def tokens_of_the_model() -> int:
    """How many tokens it was sent until now, tools included, at four characters each."""
    url = f"http://127.0.0.1:{BASE + 8}/double/requests"
    bodies = [each.get("body") or {} for each in requests.get(url, timeout=10).json()]
    told = [{key: body.get(key) for key in ("messages", "tools")} for body in bodies]
    return sum(len(json.dumps(one, ensure_ascii=False)) for one in told) // 4


class WorkerLog:
    """Lines that the worker logs from now on."""

    def __init__(self) -> None:
        self._file = HOME / "log/worker.log"
        self._from = self._file.stat().st_size

    def seconds(self, event: str) -> list[float]:
        """The `seconds` of each line of that event."""
        with self._file.open("rb") as file:
            file.seek(self._from)
            lines = file.read().decode(errors="replace").splitlines()
        found = [json.loads(line) for line in lines if f'"{event}"' in line]
        return [line["seconds"] for line in found if line.get("event") == event]


@contextmanager
def stopped(*names: str) -> Iterator[None]:
    """Programs of the house stand still meanwhile, so that they do not share the cores."""
    _control("stop", *names)
    try:
        yield
    finally:
        _control("start", *names)


def _control(verb: str, *names: str) -> None:
    command = [PROGRAMS / "supervisorctl", "-c", HOME / "run/supervisord.conf", verb, *names]
    subprocess.run(command, check=True, capture_output=True)


def row(name: str, figures: str, bar: str) -> None:
    """Print one row."""
    print(f"{name:<30} {figures}   [{bar}]", flush=True)


def spread(seconds: list[float]) -> str:
    """p50, p95 and the largest of some times, in ms."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    middle = statistics.median(ordered)
    return (
        f"p50 {middle * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms, max {ordered[-1] * 1000:.1f} ms"
        f" over {len(ordered)}"
    )
