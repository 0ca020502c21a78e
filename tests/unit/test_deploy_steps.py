"""deploy: steps run side by side, in order, and stop at the first failure."""

import io
import threading

import pytest

from deploy.native.progress import Printer, Step, run_steps
from deploy.native.trouble import Trouble


@pytest.fixture
def out():
    return io.StringIO()


def test_a_step_begins_after_the_ones_it_names(out):
    order = []
    steps = [
        Step("last", lambda note: order.append("last"), ("first", "second")),
        Step("second", lambda note: order.append("second"), ("first",)),
        Step("first", lambda note: order.append("first")),
    ]
    run_steps(steps, Printer(out))
    assert order == ["first", "second", "last"]


def test_independent_steps_run_at_the_same_time(out):
    meeting = threading.Barrier(2, timeout=10)
    steps = [Step(name, lambda note: meeting.wait() and None) for name in ("one", "other")]
    run_steps(steps, Printer(out))
    assert out.getvalue().count("✓") == 2


def test_each_step_prints_its_begin_its_notes_and_its_result(out):
    def work(note):
        note("halfway")
        return "made"

    run_steps([Step("database", work)], Printer(out))
    begin, note, end = (line.split("s ", 1)[1] for line in out.getvalue().splitlines())
    assert begin == "· database"
    assert note.strip() == "database: halfway"
    assert end.startswith("✓ database (")
    assert end.endswith(": made")


def test_after_a_failure_nothing_begins_and_what_runs_is_waited_for(out):
    failed, finished, never = threading.Event(), [], []

    def fail(note):
        failed.set()
        raise Trouble("no disk")

    def slow(note):
        failed.wait(10)
        finished.append(True)

    steps = [
        Step("slow", slow),
        Step("failing", fail),
        Step("next", lambda note: never.append(True), ("failing",)),
    ]
    with pytest.raises(Trouble, match="no disk"):
        run_steps(steps, Printer(out))
    assert finished == [True]
    assert never == []
    assert "✗ failing: no disk" in out.getvalue()


def test_a_step_after_an_unknown_one_is_refused(out):
    with pytest.raises(Trouble, match="unknown"):
        run_steps([Step("a", lambda note: None, ("missing",))], Printer(out))


def test_steps_that_wait_for_each_other_are_refused(out):
    steps = [Step("a", lambda note: None, ("b",)), Step("b", lambda note: None, ("a",))]
    with pytest.raises(Trouble, match="wait for each other"):
        run_steps(steps, Printer(out))


def test_a_step_may_come_after_one_that_ended_earlier(out):
    done = []
    run_steps([Step("a", lambda note: done.append(1), ("old",))], Printer(out), ended=["old"])
    assert done == [1]
