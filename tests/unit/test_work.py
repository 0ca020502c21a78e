"""Due work is never lost and never held by two."""

import time

import pytest

from sidecar.settings import Settings
from sidecar.store.connection import state_store
from sidecar.store.work import LeaseLost, WorkQueue


@pytest.fixture
def queue(settings: Settings) -> WorkQueue:
    return WorkQueue(state_store(settings), "things", lease_ttl=0.3)


def test_an_item_stays_due_until_its_work_is_finished(queue: WorkQueue) -> None:
    queue.mark("a")
    with queue.acquire("a"):
        assert queue.due(time.time()) == ["a"]
    assert queue.due(time.time()) == ["a"]
    with queue.acquire("a") as lease:
        lease.finish()
    assert queue.pending() == 0


def test_only_one_holds_an_item_and_renewing_keeps_it(queue: WorkQueue) -> None:
    queue.mark("a")
    with queue.acquire("a") as lease:
        assert queue.acquire("a") is None
        deadline = time.time() + 0.6  # twice the lease's life
        while time.time() < deadline:
            assert queue.acquire("a") is None
        lease.check()
    assert queue.acquire("a") is not None


def test_whoever_lost_the_lease_can_neither_act_nor_finish(queue: WorkQueue) -> None:
    queue.mark("a")
    lost = queue.acquire("a")  # its holder died: nobody renews
    deadline = time.time() + 2
    while (taken := queue.acquire("a")) is None:
        assert time.time() < deadline
    with pytest.raises(LeaseLost):
        lost.check()
    with pytest.raises(LeaseLost):
        lost.finish()
    assert queue.due(time.time()) == ["a"]
    taken.finish()
    assert queue.pending() == 0


def test_postponed_work_is_due_later(queue: WorkQueue) -> None:
    queue.mark("a")
    with queue.acquire("a") as lease:
        lease.postpone(time.time() + 60)
    assert queue.due(time.time()) == []
    assert queue.due(time.time() + 61) == ["a"]


def test_hints_are_given_once_in_a_while_and_not_to_held_items(queue: WorkQueue) -> None:
    queue.mark("a")
    assert queue.should_hint("a", 60)
    assert not queue.should_hint("a", 60)
    queue.mark("b")
    with queue.acquire("b"):
        assert not queue.should_hint("b", 60)
