"""What a crew is given of a long conversation, and the trace of a turn."""

import json
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.control import traces
from sidecar.control.traces import TraceLog, trace_id, trace_queue
from sidecar.errors import Unavailable
from sidecar.hub.courier import TraceCourier
from sidecar.hub.history import History, within
from sidecar.observability.tracing import LONGEST_TOLD, MOST_STEPS, Trace
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store
from sidecar.tenants.schema import parse_tenant
from tests.documents import tenant_document


def said(count: int, length: int = 40) -> list[dict[str, str]]:
    roles = ("user", "assistant")
    return [{"role": roles[n % 2], "content": f"{n} ".ljust(length, "x")} for n in range(count)]


def test_the_latest_messages_within_a_budget() -> None:
    every = said(10)  # 10 tokens each
    assert within(every, 1000, 20) == (every, [])
    assert within(every, 35, 20) == (every[7:], every[:7])
    assert within(every, 1000, 4) == (every[6:], every[:6])
    assert within(every, 1, 20) == (every[9:], every[:9])  # the last one always
    assert within([], 10, 20) == ([], [])


class Summarizer:
    model = "m"

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def complete(self, messages: list[Any], _budget: Any) -> Any:
        self.asked.append(messages)
        return SimpleNamespace(content=f"summary {len(self.asked)}")


def test_a_summary_grows_with_what_fell_out_and_is_the_assistants_word(
    settings: Settings,
) -> None:
    history, model = History(state_store(settings), settings), Summarizer()
    every, store = said(20), state_store(settings)
    for entry in every:
        store.rpush(keys.history("account_1", "7-1"), json.dumps(entry))
    history.summarize("account_1", "7-1", model, every[:3])  # type: ignore[arg-type]
    assert model.asked == []  # not worth a call yet
    history.summarize("account_1", "7-1", model, every[:8])  # type: ignore[arg-type]
    history.summarize("account_1", "7-1", model, every[:10])  # type: ignore[arg-type]
    assert len(model.asked) == 1
    history.summarize("account_1", "7-1", model, every[:14])  # type: ignore[arg-type]
    assert len(model.asked) == 2
    told = model.asked[1][1]["content"]
    assert "summary 1" in told
    assert every[8]["content"] in told
    assert every[7]["content"] not in told
    small = settings.model_copy(update={"history_tokens": 30})
    remembered = History(store, small).read(
        "account_1",
        "7-1",
        None,  # type: ignore[arg-type]
        [],
        since=None,
        now=0.0,
        refresh=False,
        language="pt_BR",
    )
    assert remembered.history[0] == {"role": "assistant", "content": "Dito antes: summary 2"}
    assert remembered.history[1:] == every[17:]


def test_a_summary_of_what_was_erased_meanwhile_is_not_kept(settings: Settings) -> None:
    store, model = state_store(settings), Summarizer()
    History(store, settings).summarize("account_1", "7-1", model, said(9))  # type: ignore[arg-type]
    assert len(model.asked) == 1
    assert not store.exists(keys.summary("account_1", "7-1"))


def test_no_model_no_summary_and_none_where_it_is_switched_off(settings: Settings) -> None:
    store = state_store(settings)
    History(store, settings).summarize("account_1", "7-1", None, said(9))
    off, model = settings.model_copy(update={"history_summaries": False}), Summarizer()
    History(store, off).summarize("account_1", "7-1", model, said(9))  # type: ignore[arg-type]
    assert model.asked == []
    assert not store.exists(keys.summary("account_1", "7-1"))


# -- traces -----------------------------------------------------------------------------------


def test_steps_are_timed_cut_masked_and_capped() -> None:
    trace = Trace()
    with trace.timed("tool", "stock_levels") as step:
        step.told = "https://user:hunter2@host/ " + "x" * 1000
    with pytest.raises(Unavailable), trace.timed("llm", "gpt"):
        raise Unavailable
    first, second = trace.steps()
    assert "hunter2" not in first["told"]
    assert len(first["told"]) == LONGEST_TOLD
    assert first["ok"]
    assert (second["ok"], second["told"]) == (False, "unavailable")
    threads = [threading.Thread(target=trace.step, args=("tool", f"t{n}")) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    steps = trace.steps()
    assert len(steps) == MOST_STEPS + 1
    assert steps[-1]["told"] == f"+{102 - MOST_STEPS}"


def test_what_the_model_used_is_added_up() -> None:
    trace = Trace()
    trace.spent("a", 10, 5, 0.001)
    trace.spent("", 1, 1, calls=2)
    assert (trace.model, trace.llm_calls, trace.input_tokens) == ("a", 3, 11)


class Control:
    """An Odoo that takes traces, or not."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.down = False

    def turn_traces(self, rows: list[dict[str, Any]]) -> None:
        if self.down:
            raise Unavailable
        assert len(rows) <= 100
        self.rows += rows


def test_traces_are_brought_to_odoo_once_and_wait_while_it_is_down(settings: Settings) -> None:
    store, control = state_store(settings), Control()
    log = TraceLog(store)
    for number in range(150):
        log.keep("account_1", {"uuid": trace_id("account_1", f"t{number}"), "n": number})
    log.keep("account_1", {"uuid": trace_id("account_1", "t1"), "n": 1})  # finished twice
    services = SimpleNamespace(
        store=store,
        tenants=SimpleNamespace(get=lambda _account: parse_tenant(tenant_document())),
        control=lambda _tenant: control,
    )
    courier, queue = TraceCourier(services), trace_queue(store, settings)  # type: ignore[arg-type]

    def ship() -> None:
        lease = queue.acquire("account_1")
        assert lease
        with lease:
            courier.work(lease)

    control.down = True
    ship()
    assert control.rows == []
    assert queue.due_at("account_1")
    control.down = False
    ship()
    assert sorted(row["n"] for row in control.rows) == list(range(150))
    assert queue.due_at("account_1") is None
    assert log.read("account_1", trace_id("account_1", "t7")) == {
        "uuid": trace_id("account_1", "t7"),
        "n": 7,
    }
    assert 0 < store.ttl(keys.trace("account_1", trace_id("account_1", "t7"))) <= keys.TRACE_TTL


def test_an_odoo_that_never_takes_them_costs_no_more_than_the_cap(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "CAP", 3)
    log = TraceLog(state_store(settings))
    for number in range(5):
        log.keep("account_1", {"uuid": str(number), "n": number})
    assert [row["n"] for row in log.take("account_1")[1]] == [2, 3, 4]
