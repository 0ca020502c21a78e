"""Planted secrets are looked for wherever the sidecar writes or speaks. Found only encrypted."""

import io
import json
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import requests

from sidecar.commands import enroll
from sidecar.control.audit import audit_queue
from sidecar.errors import SidecarError
from sidecar.hub.courier import AuditCourier
from sidecar.hub.hub import Hub
from sidecar.hub.jobs import JobStore, job_queue
from sidecar.hub.runner import JobRunner
from sidecar.hub.services import Services
from sidecar.observability.logging import configure_logging
from sidecar.settings import Settings
from sidecar.web.state import WebState
from tests.documents import tenant_document
from tests.doubles.odoo import OdooDouble
from tests.signing import envelope, headers

PLANTED = {
    "hook_secret": "planted-hook-secret",
    "bot_token": "planted-bot-token",
    "reading_token": "planted-reading-token",
    "llm_api_key": "planted-llm-key",
    "qdrant_api_key": "planted-qdrant-key",
}


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """All that is logged, as the processes log it."""
    text = io.StringIO()
    monkeypatch.setattr("sys.stderr", text)
    configure_logging("debug", "test")
    return text


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    double = OdooDouble(
        api_key="planted-odoo-key", secrets={"erp_api_key": "planted-erp-key"}, expires_in=300
    )
    with double:
        yield double


def test_no_secret_is_written_or_told(
    settings: Settings,
    web: WebState,
    odoo: OdooDouble,
    logged: io.StringIO,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr("builtins.print", lambda *words, **_options: told.append(str(words)))
    enroll.run(settings, "account_1")
    token = told.pop().partition("#")[2].rstrip("',)")
    monkeypatch.undo()
    monkeypatch.setattr("sys.stderr", logged)
    base = settings.url_of_web()
    document = tenant_document()
    document["integrations"]["control"] = {"config": odoo.config()}
    document["integrations"]["mcp"] = {"config": odoo.config("erp_api_key") | {"db": "other"}}
    document["integrations"]["llm"] = {
        "config": {"base_url": "http://127.0.0.1:1/v1", "api_key_ref": "llm_api_key"}
    }
    login = {"url": odoo.url, "db": "control", "login": "bot", "api_key": odoo.api_key}
    wanted = {
        "account_id": "account_1",
        "database_uuid": "11111111-aaaa",
        "odoo": login,
        "config": document,
        "secrets": PLANTED,
    }
    answer = requests.post(
        f"{base}/api/v1/enroll",
        json=wanted,
        headers={"Authorization": f"Bearer {token}"},
        timeout=9,
    )
    assert answer.status_code == 200, answer.text
    key = answer.json()["data"]  # the one answer that carries a key: it is exchanged here
    odoo.signing_keys[key["key_id"]] = key["signing_key"]
    services = Services.build(settings)
    answers: list[str] = []

    def send(action: str, params: Any, job: str | None = None) -> Any:
        body = envelope(action, params, job)
        signed = headers(body, key_id=key["key_id"], key=key["signing_key"])
        said = requests.post(f"{base}/api/v1/process", data=body, headers=signed, timeout=9)
        answers.append(said.text)
        return said.json()

    secrets = PLANTED | {"odoo_api_key": odoo.api_key}
    assert send("sync_config", {"config": document | {"version": 2}, "secrets": secrets})["success"]
    assert not send("sync_config", {"config": {"domain": "../x"}, "secrets": secrets})["success"]
    broken = document | {"version": 3, "language": PLANTED["bot_token"]}
    assert not send("sync_config", {"config": broken, "secrets": secrets})["success"]
    assert not send(
        "sync_config", {"config": document, "secrets": {"bad ref": secrets["bot_token"]}}
    )["success"]
    assert send("get_config", {})["data"]["files"]["config.yaml"]
    assert services.credentials.require("account_1", "erp_api_key", "mcp") == "planted-erp-key"
    send("test_connection", {}, "job-00000001")
    send("generate_description", {"product_id": 5}, "job-00000002")
    queue, jobs = job_queue(services.store, settings), JobStore(services.store, settings)
    runner = JobRunner(Hub(services), jobs)
    for _ in range(10):
        for item in queue.due(time.time() + 60):
            with queue.acquire(item) as lease:
                runner.work(lease)
    assert {state for state, _, _ in odoo.job_results.values()} == {"done", "failed"}
    courier = AuditCourier(services, services.audit)
    audit = audit_queue(services.store, settings)
    with audit.acquire("account_1") as lease:
        courier.work(lease)
    assert odoo.audit

    traces = []
    for account, ref in (("account_1", "missing"), ("account_2", "bot_token")):
        try:
            services.credentials.require(account, ref)
        except SidecarError:
            traces.append(traceback.format_exc())
    sealed = services.credentials.pushed("account_1")["bot_token"]
    for account, ref, text in (("account_2", "bot_token", sealed), ("account_1", "x", sealed[:-9])):
        try:
            services.credentials.vault.decrypt(account, ref, text)
        except SidecarError:
            traces.append(traceback.format_exc())
    odoo.fail = 500
    try:
        services.control(services.tenants.get("account_1")).ping()
    except SidecarError:
        traces.append(traceback.format_exc())
    odoo.down()
    try:
        services.control(services.tenants.get("account_1")).ping()
    except SidecarError:
        traces.append(traceback.format_exc())
    assert len(traces) == 6
    shown = [
        repr(each)
        for each in (
            services, services.credentials, services.credentials.leases, services.search,
            services.credentials.signing.current("account_1"), settings,
            services.llm(services.tenants.get("account_1")),
        )
    ]  # fmt: skip
    kept = _all_of_redis(settings)
    assert len(kept) > 10_000
    files = "".join(p.read_text() for p in tmp_path.rglob("*") if p.is_file())
    assert "Casa Teste" in files
    log = logged.getvalue()
    assert "job.done" in log or "job.failed" in log
    places = {
        "redis": kept,
        "yaml": files,
        "log": log + "".join(capfd.readouterr()),
        "answers": "".join(answers),
        "traces": "".join(traces),
        "reprs": "".join(shown),
        "told to Odoo": json.dumps([list(odoo.audit.values()), list(odoo.job_results.values())]),
    }
    looked_for = [*PLANTED.values(), odoo.api_key, "planted-erp-key", key["signing_key"], token]
    for place, text in places.items():
        assert not [secret for secret in looked_for if secret in text], place


def _all_of_redis(settings: Settings) -> str:
    """Every key of every database: its dump (strings may be packed there) and its plain value."""
    text = ""
    for url in (settings.state_url, settings.cache_url, settings.broker_url):
        raw = redis.Redis.from_url(url.get_secret_value())
        for key in raw.scan_iter():
            text += key.decode() + repr(raw.dump(key))
            match raw.type(key):
                case b"string":
                    text += repr(raw.get(key))
                case b"hash":
                    text += repr(raw.hgetall(key))
                case b"list":
                    text += repr(raw.lrange(key, 0, -1))
                case b"zset":
                    text += repr(raw.zrange(key, 0, -1))
                case b"set":
                    text += repr(raw.smembers(key))
    return text
