"""The matrix: each peer in each trouble, and our processes killed at each step of a turn.

Whatever happens, an accepted message ends answered once, handed off or alerted.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.faults.house import PEERS, FaultHouse

GOOD = ("answered", "handed off", "alerted")
TROUBLES = ("down", "slow", "429", "500", "cut")
_FELT = 8.0  # seconds in which a fault is usually felt; one that is not was no obstacle
_LASTS = 1.0  # seconds it goes on then
_SLOW = {"redis": 6.0, "broker": 6.0}  # seconds: longer than anybody waits for an answer
_SLOW_HTTP = 3.0
_ENDS = 90.0  # seconds in which a message ends, the minute of the reconciler's included
_PER_CELL = 2  # conversations
_ASKED = "vocês têm sofá de 3 lugares? É para a sala {number}"

# step of a turn → which peer's traffic it is, what is held, and at which side of the peer
KILLS: dict[str, tuple[str, str, bytes]] = {
    "reading Odoo": ("odoo", "request", b""),
    "searching": ("qdrant", "request", b""),
    "asking the model": ("llm", "request", b"/chat/completions"),
    "the model has answered": ("llm", "answer", b"/chat/completions"),
    "asking Chatwoot": ("chatwoot", "request", b"GET /api/v1"),
    "posting": ("chatwoot", "request", b"/messages"),
    "posted": ("chatwoot", "answer", b"POST /api/v1"),
    "keeping it": ("redis", "request", b":hist:"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """peer: whom it is about, or `worker`, `web`, `scheduler`. fault: what happens to it."""

    peer: str
    fault: str

    def __str__(self) -> str:
        return f"{self.peer}: {self.fault}"


def cells() -> list[Cell]:
    """The whole matrix. Redis and brokers speak no HTTP, so they give no 429 and no 500."""
    told = [
        Cell(peer, trouble)
        for peer in PEERS
        for trouble in TROUBLES
        if peer not in ("redis", "broker") or trouble not in ("429", "500")
    ]
    told += [Cell("redis", "killed"), Cell("broker", "killed")]
    told += [Cell("worker", step) for step in KILLS]
    return [*told, Cell("web", "killed"), Cell("scheduler", "killed")]


def run(house: FaultHouse, cell: Cell) -> list[tuple[int, str]]:
    """Customers write while it happens: (conversation, outcome) of each, "" for a lost one."""
    number = time.monotonic_ns()
    asked = [_ASKED.format(number=number + n) for n in range(_PER_CELL)]
    with _trouble(house, cell):
        conversations = [house.start(text) for text in asked]
        _let_it_be_felt(house, cell)
    return [(one, _end_of(house, one)) for one in conversations]


def final(house: FaultHouse, told: dict[Cell, list[tuple[int, str]]]) -> dict[Cell, list[str]]:
    """Outcomes looked at once more, when no work is left: a late second answer shows."""
    house.until(lambda: not house.waiting(), _ENDS, "the end of all work")
    return {cell: [house.outcome(one) or "LOST" for one, _ in ends] for cell, ends in told.items()}


def printed(found: dict[Cell, list[str]]) -> str:
    """The matrix as lines."""
    lines = []
    for cell, outcomes in found.items():
        good = all(_is_good(cell, outcome) for outcome in outcomes)
        lines.append(f"{'✓' if good else '✗'} {cell!s:<36} {', '.join(outcomes)}")
    return "\n".join(lines)


def bad(found: dict[Cell, list[str]]) -> list[Cell]:
    """Cells in which a message was lost or answered twice."""
    return [cell for cell, ends in found.items() if not all(_is_good(cell, end) for end in ends)]


def _is_good(cell: Cell, outcome: str) -> bool:
    """What never got its 200 was not accepted: Chatwoot gives it to people by itself.

    Only where our door was away, or waited for a store that does not answer.
    """
    away = cell.peer in ("web", "redis")
    return outcome in GOOD or (outcome == "refused" and away)


@contextmanager
def _trouble(house: FaultHouse, cell: Cell) -> Iterator[None]:
    if cell.fault == "killed":
        with _killed(house, cell.peer):
            yield
        return
    if cell.peer == "worker":
        peer, side, matching = KILLS[cell.fault]
        house.gates[peer].set(side, matching)
        try:
            yield
        finally:
            house.gates[peer].set("open")
        return
    gate = house.gates[cell.peer]
    gate.set(cell.fault)
    try:
        yield
    finally:
        gate.set("open")


@contextmanager
def _killed(house: FaultHouse, peer: str) -> Iterator[None]:
    """kill -9; it is started again when the block ends."""
    server = house.rabbit if peer == "broker" and house.rabbit else house.redis
    victim = house.processes.get(peer) or server
    if peer in ("redis", "broker"):  # in the middle of a turn
        house.gates["llm"].set("slow")
        yield
        victim.kill()
        victim.start()
        house.gates["llm"].set("open")
        return
    victim.kill()
    yield
    victim.start()
    house.until(house.web_is_up, _ENDS, "the web process")


def _let_it_be_felt(house: FaultHouse, cell: Cell) -> None:
    """Until the fault was met, and a moment more; the worker is killed at its step."""
    if cell.peer == "worker":
        gate = house.gates[KILLS[cell.fault][0]]
        assert gate.touched.wait(_ENDS), f"{cell}: the step was never reached\n{house.logs()}"
        house.processes["worker"].kill()
        gate.set("open")
        house.processes["worker"].start()
        return
    if cell.fault == "killed":
        if cell.peer in ("redis", "broker"):
            house.gates["llm"].touched.wait(_FELT)
        else:
            time.sleep(_LASTS)
        return
    house.gates[cell.peer].touched.wait(_FELT if cell.fault != "down" else _LASTS)
    time.sleep(_SLOW.get(cell.peer, _SLOW_HTTP) if cell.fault == "slow" else _LASTS)


def _end_of(house: FaultHouse, conversation: int) -> str:
    deadline = time.monotonic() + _ENDS
    while not (outcome := house.outcome(conversation)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return outcome
