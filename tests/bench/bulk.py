"""Descriptions in bulk with an instant model: products a second on two worker processes.

The house's own worker on doubles of Odoo and of the model, in a Redis of its own: what is measured
is our part. Each text is written, checked claim by claim, and kept.
"""

import base64
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sidecar.hub.jobs import JobStore, job_queue
from sidecar.hub.services import Services
from sidecar.settings import Settings
from sidecar.tasks import messages
from sidecar.tasks.broker import broker_for
from tests.bench.house import row
from tests.claims import brief_of, language_of
from tests.conftest import RedisServer, free_port
from tests.documents import tenant_document
from tests.doubles.odoo import OdooDouble

_PRODUCTS, _PER_JOB, _PATIENCE = 400, 20, 300.0
_KINDS = ("sofa", "serum", "drill", "chair", "speaker", "desk")
_KEY = "test-key"


def main() -> None:
    """Once with a model that answers at once, once without a model."""
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder))
        redis.start()
        port = free_port()
        double = [sys.executable, "-m", "tests.doubles.openai_api", "--port", str(port)]
        model = subprocess.Popen([*double, "--key", _KEY], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)  # fmt: skip
        briefs = {n: brief_of(_KINDS[n % len(_KINDS)]) for n in range(1, _PRODUCTS + 1)}
        try:
            with OdooDouble(briefs=briefs) as odoo:
                told = {"config": {"base_url": f"http://127.0.0.1:{port}/v1",
                                   "chat_model": "gpt-4o-mini",
                                   "api_key_ref": "llm_api_key"}}  # fmt: skip
                _measure("descriptions in bulk, instant model", redis, folder, odoo, told)
                _measure("descriptions in bulk, no model", redis, folder, odoo, None)
        finally:
            model.kill()
            redis.kill()


def _measure(
    name: str, redis: RedisServer, folder: str, odoo: OdooDouble, llm: dict | None
) -> None:
    values = {
        "state_url": f"{redis.url}/0",
        "cache_url": f"{redis.url}/1",
        "broker_url": f"{redis.url}/2",
        "secret_key": base64.b64encode(b"k" * 32).decode(),
        "config_dir": f"{folder}/config",
        "local_dir": folder,
        "worker_processes": "2",
        "log_level": "error",
    }
    settings = Settings(_env_file=None, **values)
    services = Services.build(settings)
    services.store.flushall()
    document = tenant_document()
    document["integrations"]["mcp"] = {"config": odoo.config()}
    if llm is not None:
        document["integrations"]["llm"] = llm
    secrets = {"odoo_api_key": odoo.api_key, "llm_api_key": _KEY}
    services.credentials.replace("account_1", secrets)
    services.tenants.apply(document, reset=True)
    odoo.job_results.clear()
    with _worker(values):
        _run(services, ["warm"] * 2, odoo)
        started = time.monotonic()
        _run(services, ["timed"] * (_PRODUCTS // _PER_JOB), odoo)
        taken = time.monotonic() - started
    results = [one for key, (_s, result, _e) in odoo.job_results.items()
               if key.startswith("timed") for one in result["results"]]  # fmt: skip
    if sum("result" in one for one in results) != _PRODUCTS:
        raise SystemExit("bench: not every product has its text")
    row(name, f"{_PRODUCTS / taken:.1f} products/s over {_PRODUCTS}", "≥ 5/s, goal 10/s")


def _run(services: Services, names: list[str], odoo: OdooDouble) -> None:
    """Jobs of twenty products; returns when Odoo has all results."""
    jobs, broker = JobStore(services.store, services.settings), broker_for(services.settings)
    wanted = set()
    for number, name in enumerate(names):
        first = number * _PER_JOB + 1
        items = [
            {"product_id": n, "language": language_of(_KINDS[n % len(_KINDS)])}
            for n in range(first, first + _PER_JOB)
        ]
        job_id = f"{name}-{number}"
        metadata = {"source": "odoo", "account_id": "account_1",
                    "action": "generate_descriptions", "job_id": job_id}  # fmt: skip
        jobs.accept("account_1", job_id, {"metadata": metadata, "params": {"items": items}})
        messages.hint(broker, job_queue(services.store, services.settings).kind,
                      f"account_1|{job_id}")  # fmt: skip
        wanted.add(job_id)
    until = time.monotonic() + _PATIENCE
    while not wanted <= odoo.job_results.keys():
        if time.monotonic() > until:
            raise SystemExit("bench: the descriptions were not written in time")
        time.sleep(0.02)


@contextmanager
def _worker(values: dict[str, str]) -> Iterator[None]:
    env = {f"CHATWOOTAI_{name.upper()}": value for name, value in values.items()}
    worker = subprocess.Popen(
        [sys.executable, "-m", "sidecar", "worker"],
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(30)
