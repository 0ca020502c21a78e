"""Descriptions in bulk: side by side, errors told per product, nothing paid twice after a crash."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault

import pytest

from sidecar.errors import Unprocessable
from sidecar.hub.hub import Hub
from sidecar.hub.jobs import JobStore, job_queue
from sidecar.hub.runner import JobRunner
from sidecar.settings import Settings
from sidecar.store import keys
from tests.claims import brief_of
from tests.doubles.odoo import OdooDouble
from tests.doubles.openai_api import OpenAIDouble
from tests.integration.studio import answer, asked_of, envelope, hub_with

ITEMS = 8
ROOT = Path(__file__).parents[2]
# A worker's process that takes the one job there is.
WORKER = """
import time
from sidecar.hub.hub import Hub
from sidecar.hub.jobs import JobStore, job_queue
from sidecar.hub.runner import JobRunner
from sidecar.hub.services import Services
from sidecar.settings import get_settings
settings = get_settings()
services = Services.build(settings)
(item,) = job_queue(services.store, settings).due(time.time() + 1)
with job_queue(services.store, settings).acquire(item) as lease:
    JobRunner(Hub(services), JobStore(services.store, settings)).work(lease)
"""


def brief(number: int) -> dict[str, Any]:
    name = {"source": "field:name", "label": "Nome", "value": f"Banco Ipê {number}"}
    return brief_of("sofa", facts=[name])


def products(llm: OpenAIDouble) -> Counter[str]:
    """How often the model was asked about each product."""
    asked = (asked_of(request).rpartition("Banco Ipê ")[2] for request in llm.requests)
    return Counter(text.split('"')[0] for text in asked)


@pytest.fixture
def llm() -> Iterator[OpenAIDouble]:
    with OpenAIDouble(brain=lambda _body: answer("Um banco.", ["description"])) as double:
        yield double


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    briefs = {number: brief(number) for number in range(1, ITEMS + 1)}
    with OdooDouble(briefs=briefs) as double:
        yield double


@pytest.fixture
def hub(settings: Settings, odoo: OdooDouble, llm: OpenAIDouble) -> Hub:
    return hub_with(settings, odoo, llm)


def items(*numbers: int) -> dict[str, Any]:
    return {
        "items": [
            {"product_id": number, "language": "pt_BR", "parts": ["description"]}
            for number in numbers or range(1, ITEMS + 1)
        ]
    }


class Worker:
    """A worker's hands on one job."""

    def __init__(self, hub: Hub, params: dict[str, Any], job_id: str = "job-1"):
        settings = hub.services.settings
        self.jobs = JobStore(hub.services.store, settings)
        self.queue = job_queue(hub.services.store, settings)
        self.runner = JobRunner(hub, self.jobs)
        self.job_id, self.item = job_id, f"account_1|{job_id}"
        self.jobs.accept("account_1", job_id, envelope("generate_descriptions", params, job_id))

    def work(self, patience: float = 30.0) -> Any:
        """Run the job once, as soon as nobody else holds it; its state."""
        until = time.monotonic() + patience
        while (lease := self.queue.acquire(self.item)) is None:
            assert time.monotonic() < until, "the lease of the killed process did not end"
            time.sleep(0.05)
        with lease:
            self.runner.work(lease)
        return self.jobs.get("account_1", self.job_id)


def test_every_item_has_its_result_in_its_place(hub: Hub, llm: OpenAIDouble) -> None:
    worker = Worker(hub, items())
    job = worker.work()
    assert job.state == "done"
    told = job.result["results"]
    assert [one["product_id"] for one in told] == list(range(1, ITEMS + 1))
    assert all(one["result"]["writer"] == "llm" for one in told)
    assert all(one["result"]["product_id"] == one["product_id"] for one in told)
    assert job.progress == {"done": ITEMS, "total": ITEMS}
    assert products(llm) == {str(number): 1 for number in range(1, ITEMS + 1)}
    assert hub.services.store.exists(keys.job_items("account_1", "job-1")) == 0


def test_items_are_written_side_by_side(hub: Hub, llm: OpenAIDouble) -> None:
    together = threading.Barrier(hub.services.settings.bulk_threads, timeout=60)

    def brain(_body: dict[str, Any]) -> str:
        together.wait()  # nobody is answered before so many are asked
        return answer("Um banco.", ["description"])

    llm.brain = brain
    assert Worker(hub, items()).work().state == "done"


def test_a_product_that_cannot_be_written_costs_only_its_own_text(
    hub: Hub, llm: OpenAIDouble
) -> None:
    params = items(1, 99, 2)
    params["items"] += [{"product_id": 3, "parts": ["price"]}, {"language": "pt_BR"}]
    told = Worker(hub, params).work().result["results"]
    assert ["result" in one for one in told] == [True, False, True, False, False]
    assert told[1]["error"] == {
        "code": "unprocessable",
        "message": "The tenant has no such product.",
    }
    assert told[3]["product_id"] == 3
    assert told[3]["error"]["code"] == told[4]["error"]["code"] == "unprocessable"


@pytest.mark.parametrize(
    "params",
    [{}, {"items": []}, {"items": {}}, {"items": [5]}, {"items": [{}] * 21},
     {"items": [{"product_id": 1}], "more": 1}],
)  # fmt: skip
def test_wrong_parameters_are_named(hub: Hub, params: dict[str, Any]) -> None:
    with pytest.raises(Unprocessable, match=r"params\.items: 1 to 20"):
        hub.process(envelope("generate_descriptions", params))


def test_what_fails_for_a_moment_is_tried_again_alone(
    hub: Hub, llm: OpenAIDouble, odoo: OdooDouble
) -> None:
    odoo.briefs |= dict.fromkeys(range(4, ITEMS + 1))  # they cannot be made
    worker = Worker(hub, items())
    assert worker.work().state == "queued"
    assert products(llm) == {"1": 1, "2": 1, "3": 1}
    odoo.briefs |= {number: brief(number) for number in range(4, ITEMS + 1)}
    job = worker.work()
    assert job.state == "done"
    assert all("result" in one for one in job.result["results"])
    assert products(llm) == {str(number): 1 for number in range(1, ITEMS + 1)}


def test_the_briefs_of_a_job_are_read_together(
    hub: Hub, llm: OpenAIDouble, odoo: OdooDouble
) -> None:
    params = items()
    params["items"] += [
        {"product_id": 1, "language": "es_ES"},
        {"product_id": [2], "language": "pt_BR"},
        {"product_id": 2**40, "language": "pt_BR"},
        {"product_id": 3, "language": {}},
    ]
    told = hub.process(envelope("generate_descriptions", params))["results"]
    assert ["result" in one for one in told] == [True] * (ITEMS + 1) + [False] * 3
    asked = [(sorted(args[0]), args[1]) for name, args in odoo.calls if name == "writing_briefs"]
    assert (list(range(1, ITEMS + 1)), "pt_BR") in asked
    assert ([1], "es_ES") in asked


def test_what_keeps_failing_is_told_per_product_in_the_last_try(
    hub: Hub, llm: OpenAIDouble, odoo: OdooDouble
) -> None:
    odoo.faults["writing_briefs"] = Fault(1, "Traceback: secret upstream text")
    worker = Worker(hub, items(1, 2))
    tries = hub.services.settings.job_attempts
    states = [worker.work().state for _ in range(tries)]
    assert states == ["queued"] * (tries - 1) + ["done"]
    told = worker.work().result["results"]
    assert [one["error"]["code"] for one in told] == ["upstream_error"] * 2
    assert "secret" not in json.dumps(told)
    assert llm.requests == []


def test_another_job_pays_for_itself(hub: Hub, llm: OpenAIDouble) -> None:
    for job_id in ("job-1", "job-2", "job-1"):
        hub.process(envelope("generate_descriptions", items(1), job_id))
    assert len(llm.requests) == 2  # job-1 was not ended: what it has is kept


def test_a_killed_worker_repeats_nothing_that_was_paid(
    hub: Hub, llm: OpenAIDouble, odoo: OdooDouble, settings: Settings, tmp_path: Path
) -> None:
    """kill -9 while the sixth of eight texts is asked for."""
    asked, gone = threading.Event(), threading.Event()

    def brain(body: dict[str, Any]) -> str:
        if "Banco Ipê 6" in json.dumps(body, ensure_ascii=False) and not gone.is_set():
            asked.set()
            assert gone.wait(60)
        return answer("Um banco.", ["description"])

    llm.brain = brain
    worker = Worker(hub, items())
    names = ("state_url", "cache_url", "secret_key")
    secret = {f"CHATWOOTAI_{n.upper()}": getattr(settings, n).get_secret_value() for n in names}
    plain = {"CHATWOOTAI_CONFIG_DIR": str(settings.config_dir), "CHATWOOTAI_BULK_THREADS": "1",
             "CHATWOOTAI_LEASE_TTL": "2"}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=ROOT,
        env={**os.environ, **secret, **plain},
        stdout=subprocess.DEVNULL,
        stderr=(tmp_path / "worker.log").open("wb"),
    )
    try:
        while not asked.wait(0.2):
            assert process.poll() is None, (tmp_path / "worker.log").read_text()[-3000:]
        state = worker.jobs.get("account_1", "job-1")
        assert (state.state, state.progress) == ("running", {"done": 5, "total": ITEMS})
    finally:
        process.kill()
        process.wait()
        gone.set()
    job = worker.work()
    assert job.state == "done"
    assert [one["product_id"] for one in job.result["results"]] == list(range(1, ITEMS + 1))
    assert all(one["result"]["input_tokens"] > 0 for one in job.result["results"])
    # the sixth had no answer when the worker died; nobody else is asked about again
    assert products(llm) == {str(n): 2 if n == 6 else 1 for n in range(1, ITEMS + 1)}
    assert odoo.job_results["job-1"][0] == "done"
