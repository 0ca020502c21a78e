"""One turn with an instant model: from the lease to the posted answer."""

import time

from tests.bench.house import WorkerLog, calls_of_the_model, row, spread, tokens_of_the_model
from tests.e2e.conftest import Playground, until

_QUESTION = "vocês têm sofá de 3 lugares até R$ 3.000? É para a sala número {number}"
_TURNS = 20


def _one(playground: Playground, number: int) -> None:
    conversation = playground.start(1, _QUESTION.format(number=number))
    until(lambda: playground.answers(1, conversation))


def main() -> None:
    """Turns one after the other, so that none waits for another."""
    playground = Playground()
    _one(playground, 0)  # the first loads what is loaded lazily
    log, before, tokens = WorkerLog(), calls_of_the_model(), tokens_of_the_model()
    for number in range(1, _TURNS + 1):
        _one(playground, number)
    time.sleep(0.5)
    calls = (calls_of_the_model() - before) / _TURNS
    told = (tokens_of_the_model() - tokens) / _TURNS
    row(
        "turn, lease to posted",
        f"{spread(log.seconds('turn.worked'))}, {calls:.1f} model calls"
        f" and {told:.0f} tokens a turn",
        "p50 ≤ 120 ms, 1 call",
    )
