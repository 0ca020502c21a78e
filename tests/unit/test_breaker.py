"""A circuit breaker opens after failures in a row, lets one caller try, and closes by itself."""

import threading
import time
from collections.abc import Callable

import pytest

from sidecar.errors import Forbidden, Unavailable
from sidecar.outbound.breaker import Breaker, CircuitOpen


def fails() -> None:
    raise Unavailable("away")


def trip(breaker: Breaker, times: int = 3) -> None:
    for _ in range(times):
        with pytest.raises(Unavailable):
            breaker.call(fails)


def test_failures_in_a_row_open_it_and_callers_learn_at_once() -> None:
    told: list[str] = []
    breaker = Breaker(3, 60, on_change=told.append)
    trip(breaker, 2)
    assert breaker.call(lambda: 7) == 7  # not in a row
    trip(breaker, 2)
    assert breaker.state == "closed"
    trip(breaker, 1)
    assert (breaker.state, told) == ("open", ["open"])
    asked: list[int] = []
    with pytest.raises(CircuitOpen, match="tried again within 60 seconds"):
        breaker.call(lambda: asked.append(1))
    assert asked == []


def test_an_answer_that_is_an_error_shows_that_somebody_is_there() -> None:
    breaker = Breaker(2, 60)

    def refuses() -> None:
        raise Forbidden("no")

    for _ in range(3):
        with pytest.raises(Unavailable):
            breaker.call(fails)
        with pytest.raises(Forbidden):
            breaker.call(refuses)
    assert breaker.state == "closed"


def test_one_caller_tries_and_closes_it() -> None:
    told: list[str] = []
    breaker = Breaker(3, 0.01, on_change=told.append)
    trip(breaker)
    time.sleep(0.02)
    assert breaker.call(lambda: "here") == "here"
    assert breaker.state == "closed"
    assert told == ["open", "half-open", "closed"]


def test_a_try_that_fails_leaves_it_open_for_another_pause() -> None:
    told: list[str] = []
    breaker = Breaker(3, 0.01, on_change=told.append)
    trip(breaker)
    time.sleep(0.02)
    with pytest.raises(Unavailable) as tried:
        breaker.call(fails)
    assert not isinstance(tried.value, CircuitOpen)
    assert told == ["open", "half-open", "open"]
    breaker.pause = 60
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: 1)


def test_while_one_tries_the_others_do_not_wait() -> None:
    breaker, trying, hold = Breaker(3, 0.001), threading.Event(), threading.Event()
    trip(breaker)
    time.sleep(0.01)
    answers: list[str] = []

    def slowly() -> str:
        trying.set()
        hold.wait(20)
        return "tried"

    thread = threading.Thread(target=lambda: answers.append(breaker.call(slowly)))
    thread.start()
    assert trying.wait(20)
    for _ in range(20):
        with pytest.raises(CircuitOpen):
            breaker.call(lambda: "another")
    hold.set()
    thread.join(20)
    assert answers == ["tried"]
    assert breaker.call(lambda: "another") == "another"


def test_calls_run_beside_each_other() -> None:
    breaker, both = Breaker(), threading.Barrier(2)
    results: list[int] = []

    def work() -> Callable[[], int]:
        return lambda: both.wait(20)  # only passed when two are in it

    threads = [
        threading.Thread(target=lambda: results.append(breaker.call(work()))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == [0, 1]


def test_a_bug_is_no_outcome() -> None:
    breaker = Breaker(2, 0.001)

    def breaks() -> None:
        raise KeyError("bug")

    for _ in range(3):
        with pytest.raises(KeyError):
            breaker.call(breaks)
    assert breaker.state == "closed"
    trip(breaker, 2)
    time.sleep(0.01)
    with pytest.raises(KeyError):
        breaker.call(breaks)
    assert breaker.state == "open"
    time.sleep(0.01)
    assert breaker.call(lambda: 1) == 1
