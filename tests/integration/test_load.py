"""A sample of `make load`: whether messages are answered once and in order, not how fast."""

from collections.abc import Iterator

import pytest

from tests.load.customers import Customers, Verdict, mark_of
from tests.load.house import LoadHouse


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadHouse]:
    folder = tmp_path_factory.mktemp("load") / "house"
    changes = {"debounce": 0.3, "web_workers": 1, "worker_processes": 2, "worker_threads": 4}
    with LoadHouse(folder, tenants=3, seconds=0.3, **changes) as house:
        house.start("web", "worker", "scheduler")
        yield house


def test_a_burst_is_answered_once_and_in_order(house: LoadHouse) -> None:
    customers = Customers(house, conversations=4)
    sent = customers.write(rate=30, seconds=2)  # five messages to each conversation
    assert customers.settle(120), house.logs()
    verdict = customers.verdict(sent)
    assert verdict.clean, f"{verdict}\n{house.logs()}"
    assert len(verdict.late) == len(sent)
    assert not [post for post in house.chatwoot.posted if post.private], "a person was called"


def test_marks_sort_as_their_numbers_do() -> None:
    numbers = [1, 15, 16, 17, 255, 256, 999_999, 1_000_000]
    assert sorted(map(mark_of, numbers)) == [mark_of(number) for number in numbers]
    assert Verdict([], 0, 0, 0).clean
    assert not Verdict([], 1, 0, 0).clean
