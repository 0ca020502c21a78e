"""A sample of the fault matrix (`make test-faults` runs the whole): really started processes."""

from collections.abc import Iterator

import pytest

from tests.faults.house import FaultHouse
from tests.faults.matrix import GOOD, Cell, cells, run

SAMPLE = (
    Cell("llm", "cut"),
    Cell("odoo", "500"),
    Cell("qdrant", "down"),
    Cell("chatwoot", "cut"),
    Cell("redis", "killed"),
    Cell("broker", "down"),
    Cell("worker", "posted"),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultHouse]:
    with FaultHouse(tmp_path_factory.mktemp("faults") / "house") as house:
        yield house


def test_the_sample_is_of_the_matrix() -> None:
    assert set(SAMPLE) <= set(cells())


@pytest.mark.parametrize("cell", SAMPLE, ids=str)
def test_every_message_ends_answered_handed_off_or_alerted(house: FaultHouse, cell: Cell) -> None:
    for conversation, outcome in run(house, cell):
        assert outcome in GOOD, f"{cell}: {outcome or 'lost'}\n{house.logs()}"
        assert house.outcome(conversation) in GOOD, f"{cell}: answered twice"
