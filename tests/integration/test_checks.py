"""`test_connection`: every part has its own line, none hides another, none tells a secret."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.commands import doctor
from sidecar.errors import UpstreamError
from sidecar.hub.checks import Off, Question, answers, connection_report
from sidecar.hub.hub import Hub
from sidecar.hub.jobs import job_queue
from sidecar.hub.runner import JobRunner
from sidecar.hub.services import Services
from sidecar.settings import Settings
from sidecar.store import keys
from tests.documents import tenant_document
from tests.doubles.odoo import OdooDouble
from tests.integration.conftest import Shop
from tests.signing import KEY, KEY_ID
from tests.vectors_process import KEY as VECTORS_KEY
from tests.vectors_process import VectorsProcess

SECRETS = {"odoo_api_key": "planted-odoo-key", "erp_api_key": "planted-erp-key"}


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    with OdooDouble(api_key=SECRETS["odoo_api_key"], signing_keys={KEY_ID: KEY}) as double:
        yield double


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("checks") / "vectors").start()
    yield process
    process.stop()


def lines(report: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(c["part"], c["name"], c["state"], c["code"]) for c in report["checks"]]


def test_one_that_fails_or_hangs_hides_no_other() -> None:
    def fail() -> str:
        raise UpstreamError("It failed.")

    def crash() -> str:
        raise RuntimeError("planted-secret")

    def off() -> str:
        raise Off("Nothing is set up.")

    ended = threading.Event()

    def hang() -> str:
        ended.wait(60)
        return "late"

    told = answers(
        [
            Question("a", "", hang),
            Question("b", "x", fail),
            Question("c", "", crash),
            Question("d", "", off),
            Question("e", "", lambda: "seen"),
        ],
        limit=2.0,
    )
    ended.set()
    assert [(c.part, c.name, c.state, c.code) for c in told] == [
        ("a", "", "failed", "deadline_exceeded"),
        ("b", "x", "failed", "upstream_error"),
        ("c", "", "failed", "internal_error"),
        ("d", "", "off", ""),
        ("e", "", "ok", ""),
    ]
    assert "planted" not in str(told)
    assert told[4].message == "seen"


def test_a_tenant_in_order_is_ok_everywhere(
    settings: Settings, shop: Shop, odoo: OdooDouble, vectors: VectorsProcess
) -> None:
    from pydantic import SecretStr

    own = {"qdrant_url": vectors.url, "qdrant_api_key": SecretStr(VECTORS_KEY)}
    services = Services.build(settings.model_copy(update=own))
    kept = services.credentials
    secrets = {
        r: kept.require("account_1", r) for r in ("hook_secret", "bot_token", "reading_token")
    }
    kept.replace("account_1", secrets | SECRETS)
    document = json.loads(services.tenants.get("account_1").model_dump_json())
    document["integrations"]["mcp"] = {"config": odoo.config()}
    report = connection_report(services, services.tenants.apply(document, reset=True))
    assert lines(report) == [
        ("redis", "", "ok" if _noeviction(services) else "failed", ""),
        ("qdrant", "", "ok", ""),
        ("llm", "", "off", ""),
        ("odoo", "", "ok", ""),
        ("chatwoot", "7", "ok", ""),
    ]
    assert report["checks"][3]["message"] == "Odoo 19.0, company 2"


def _noeviction(services: Services) -> bool:
    return services.store.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"


def test_everything_broken_has_a_line_each_and_no_secret(
    settings: Settings, odoo: OdooDouble
) -> None:
    from sidecar.credentials.signing import SigningKey

    services = Services.build(settings)
    services.credentials.signing.reset("account_1", SigningKey(KEY_ID, KEY))
    services.credentials.replace("account_1", {"odoo_api_key": "planted-wrong-key"})
    document = tenant_document()
    integrations = document["integrations"]
    integrations["control"] = {"config": odoo.config()}
    integrations["mcp"] = {"config": odoo.config("erp_api_key") | {"db": "another"}}
    integrations["llm"] = {"config": {"base_url": "http://127.0.0.1:1/v1"}}
    integrations["chatwoot"]["channels"][0]["name"] = "WhatsApp"
    report = connection_report(services, services.tenants.apply(document))
    assert lines(report)[1:] == [
        ("qdrant", "", "failed", "unavailable"),
        ("llm", "", "failed", "unavailable"),
        ("odoo", "", "failed", "upstream_refused"),
        ("erp", "", "failed", "not_configured"),
        ("chatwoot", "WhatsApp", "failed", "not_configured"),
    ]
    assert all(check["message"] for check in report["checks"])
    assert "planted" not in json.dumps(report)
    assert "hook_secret" in report["checks"][5]["message"]  # which one is missing is told
    odoo.fail = 500
    report = connection_report(services, services.tenants.get("account_1"))
    assert "planted" not in json.dumps(report)
    rows = services.audit.take("account_1")
    assert [r["result"] for r in rows if r["operation"] == "test_connection"] == ["error"] * 2


def test_another_tenants_integration_user_is_not_ok(settings: Settings, odoo: OdooDouble) -> None:
    services = Services.build(settings)
    document = tenant_document()
    document["integrations"]["mcp"] = {"config": odoo.config()}
    services.credentials.replace("account_1", SECRETS)
    odoo.account_id = "account_2"
    report = connection_report(services, services.tenants.apply(document))
    (line,) = [c for c in report["checks"] if c["part"] == "odoo"]
    assert (line["state"], line["code"]) == ("failed", "upstream_error")


def test_it_runs_as_a_job_and_its_end_reaches_odoo(settings: Settings, odoo: OdooDouble) -> None:
    services = Services.build(settings)
    document = tenant_document(crews={})  # no crew is needed for it
    document["integrations"]["mcp"] = {"config": odoo.config()}
    services.tenants.apply(document)
    services.credentials.replace("account_1", SECRETS)
    from sidecar.hub.jobs import JobStore

    jobs = JobStore(services.store, settings)
    metadata = {"source": "odoo", "account_id": "account_1", "action": "test_connection"}
    jobs.accept("account_1", "job-00000001", {"metadata": metadata, "params": {}})
    queue = job_queue(services.store, settings)
    (item,) = queue.due(time.time())
    with queue.acquire(item) as lease:
        JobRunner(Hub(services), jobs).work(lease)
    state, result, error = odoo.job_results["job-00000001"]
    assert (state, error) == ("done", False)
    assert {c["part"] for c in result["checks"]} == {"redis", "qdrant", "llm", "odoo", "chatwoot"}
    assert 0 < services.store.ttl(keys.job("account_1", "job-00000001")) <= 7 * 86400
    assert queue.pending() == 0


def test_a_job_that_nobody_took_for_a_week_leaves_the_queue(
    settings: Settings, odoo: OdooDouble
) -> None:
    services = Services.build(settings)
    from sidecar.hub.jobs import JobStore

    queue = job_queue(services.store, settings)
    queue.mark("account_1|job-00000001")
    with queue.acquire("account_1|job-00000001") as lease:
        JobRunner(Hub(services), JobStore(services.store, settings)).work(lease)
    assert queue.pending() == 0


def test_doctor_asks_the_same_and_shows_the_audit(
    settings: Settings, odoo: OdooDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    services = Services.build(settings)
    document = tenant_document()
    document["integrations"]["mcp"] = {"config": odoo.config()}
    services.tenants.apply(document)
    services.credentials.replace("account_1", SECRETS)
    services.audit.record("account_1", "lease", "erp_api_key")
    services.audit.record(None, "webhook", "", "refused", "unknown_token", ip="192.0.2.1")
    settings.config_dir.mkdir(parents=True, exist_ok=True)
    (settings.config_dir / "credentials.yaml").write_text("account_1: {}\n")
    (settings.config_dir / "credentials.yaml").chmod(0o644)
    assert doctor.run(settings) == 1
    shown = capsys.readouterr().out
    assert "odoo (account_1)" in shown
    assert "Odoo 19.0, company 2" in shown
    assert "audit (account_1)" in shown
    assert "1 rows wait" in shown
    assert "webhook unknown_token from 192.0.2.1" in shown
    assert "chmod 600" in shown
    assert "planted" not in shown
