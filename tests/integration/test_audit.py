"""What the sidecar saw reaches Odoo's audit: collapsed, once, and however long Odoo is away."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from structlog.testing import capture_logs

from sidecar.control.audit import CAP, UNKNOWN_CAP, AuditLog, audit_queue
from sidecar.control.traces import TraceLog
from sidecar.credentials.signing import SigningKey
from sidecar.hub import courier as courier_module
from sidecar.hub.courier import AuditCourier, TraceCourier
from sidecar.hub.services import Services
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store
from sidecar.store.work import WorkQueue
from sidecar.web.state import WebState
from tests.documents import TOKEN, tenant_document
from tests.doubles.odoo import OdooDouble
from tests.pushing import pushing_document
from tests.signing import KEY, KEY_ID, envelope, headers


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    with OdooDouble() as double:
        yield double


@pytest.fixture
def services(settings: Settings, odoo: OdooDouble) -> Services:
    built = Services.build(settings)
    document = tenant_document()
    document["integrations"]["control"] = {"config": odoo.config()}
    built.tenants.apply(document)
    built.credentials.replace("account_1", {"odoo_api_key": odoo.api_key})
    return built


@pytest.fixture
def audit(services: Services) -> AuditLog:
    return AuditLog(services.store, "web")


class Courier:
    """A worker's hands for the audit queue."""

    def __init__(self, services: Services):
        self.queue = audit_queue(services.store, services.settings)
        self.courier = AuditCourier(services, services.audit)

    def work(self, later: float = 0.0) -> int:
        """Take what is due; how many items that was."""
        taken = 0
        for item in self.queue.due(time.time() + later):
            if lease := self.queue.acquire(item):
                with lease:
                    self.courier.work(lease)
                taken += 1
        return taken


@pytest.fixture
def courier(services: Services) -> Courier:
    return Courier(services)


def test_rows_arrive_as_agreed_and_leave(
    audit: AuditLog, courier: Courier, odoo: OdooDouble
) -> None:
    audit.record("account_1", "sync", "version 3", ip="192.0.2.7")
    assert audit.pending("account_1") == 1
    assert courier.work() == 1
    (row,) = odoo.audit.values()
    assert abs(row.pop("at") - time.time()) < 10
    assert row.pop("uuid")
    assert row == {
        "operation": "sync",
        "subject": "version 3",
        "service": "web",
        "ip": "192.0.2.7",
        "result": "ok",
        "code": "",
        "count": 1,
    }
    assert audit.pending("account_1") == 0
    assert courier.queue.pending() == 0
    assert not audit.store.exists(keys.trail_rows("account_1"))


def test_a_flood_of_equal_refusals_is_a_row_or_two(
    audit: AuditLog, courier: Courier, odoo: OdooDouble
) -> None:
    def refuse(count: int, ip: str = "192.0.2.7", code: str = "wrong_signature") -> None:
        for _ in range(count):
            audit.record("account_1", "request", "/x", "refused", code, ip=ip)

    refuse(300)
    refuse(1, code="reused_nonce")
    refuse(2, ip="192.0.2.8")
    for last in range(5):
        refuse(1, ip=f"2001:db8:1:2::{last}")  # one customer's network
    courier.work()
    counts = sorted(row["count"] for row in odoo.audit.values())
    assert counts == [1, 2, 5, 300]
    refuse(40)  # within the same minute, after the first row was sent: one more, later
    courier.work()
    assert len(odoo.audit) == 4
    assert audit.pending("account_1") == 1
    courier.work(later=61)
    assert audit.pending("account_1") == 1  # due is not yet ready
    audit.store.zadd(keys.trail("account_1"), {_only(audit): 0})
    courier.work(later=61)
    assert sorted(row["count"] for row in odoo.audit.values()) == [1, 2, 5, 40, 300]


def _only(audit: AuditLog) -> str:
    (identity,) = audit.store.zrange(keys.trail("account_1"), 0, -1)
    return identity


def test_what_is_not_a_refusal_is_never_collapsed(audit: AuditLog) -> None:
    for _ in range(5):
        audit.record("account_1", "lease", "erp_api_key")
    assert audit.pending("account_1") == 5


def test_odoo_away_keeps_the_rows_and_the_order(
    audit: AuditLog, courier: Courier, odoo: OdooDouble
) -> None:
    odoo.down()
    for number in range(450):
        audit.record("account_1", "lease", f"ref_{number}")
    assert courier.work() == 1
    assert courier.work() == 0  # it waits
    audit.record("account_1", "lease", "ref_450")
    assert courier.work() == 0  # and a new row does not hurry it
    odoo.up()
    assert courier.work(later=31) == 1
    assert [row["subject"] for row in odoo.audit.values()] == [f"ref_{n}" for n in range(451)]
    assert audit.pending("account_1") == 0


def test_a_lost_answer_reports_nothing_twice(
    audit: AuditLog, courier: Courier, odoo: OdooDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit.record("account_1", "request", "/x", "refused", "wrong_signature", ip="192.0.2.7")

    class Killed(BaseException):
        pass

    def die(*_args: Any) -> None:
        raise Killed

    monkeypatch.setattr(AuditLog, "shipped", die)  # Odoo has it, and then the process is gone
    with pytest.raises(Killed):
        courier.work()
    monkeypatch.undo()
    for _ in range(3):  # a later one is a row of its own: the first one's count is told already
        audit.record("account_1", "request", "/x", "refused", "wrong_signature", ip="192.0.2.7")
    courier.work()
    assert [row["count"] for row in odoo.audit.values()] == [1]
    assert audit.pending("account_1") == 1


def test_a_full_trail_keeps_deeds_before_refusals_and_tells(
    audit: AuditLog, courier: Courier, odoo: OdooDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar.control.audit.CAP", 20)
    for number in range(30):
        audit.record("account_1", "request", "/x", "refused", "old", ip=f"192.0.2.{number}")
    assert audit.pending("account_1") == 18
    for number in range(5):
        audit.record("account_1", "lease", f"ref_{number}")
    assert audit.pending("account_1") == 20
    courier.work()
    courier.work()
    rows = list(odoo.audit.values())
    assert [r["subject"] for r in rows if r["operation"] == "lease"] == [
        f"ref_{n}" for n in range(5)
    ]
    (dropped,) = [r for r in rows if r["operation"] == "audit"]
    assert (dropped["code"], dropped["count"]) == ("full", 12 + 3)


def test_nobodys_refusals_are_the_operators(
    services: Services, audit: AuditLog, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar.control.audit.UNKNOWN_CAP", 10)
    for number in range(30):
        audit.record(
            f"account_{number + 50}", "signature", "/x", "refused", "unknown_key", ip="::1"
        )
        audit.record(None, "webhook", "", "refused", "unknown_token", ip=f"192.0.2.{number}")
    rows = audit.unknown()
    assert len(rows) == 10
    assert courier.work() == 0
    assert not list(audit.store.scan_iter("account_5*"))
    from sidecar.commands.doctor import _unknown

    shown = "\n".join(finding.text for finding in _unknown(audit))
    assert "unknown_token" in shown
    assert "more" in shown


def test_odd_words_cannot_break_the_report(
    audit: AuditLog, courier: Courier, odoo: OdooDouble
) -> None:
    for subject in ("a\x00b\x1b[31m", "\ud800", "x" * 10_000, "linha\nnova", "<&>"):
        audit.record("account_1", "request", subject, "refused", "x", ip=str(len(subject)))
    courier.work()
    kept = {row["subject"] for row in odoo.audit.values()}
    assert kept == {"a?b?[31m", "?", "x" * 200, "linha?nova", "<&>"}


def test_both_doors_report_refusals_and_deeds(
    web: WebState, services: Services, courier: Courier, odoo: OdooDouble
) -> None:
    web.credentials.signing.reset("account_1", SigningKey(KEY_ID, KEY))
    base = web.settings.url_of_web()

    def send(action: str, params: dict[str, Any], **changes: Any) -> int:
        body = envelope(action, params)
        told = headers(body, **changes) | {"X-Forwarded-For": "203.0.113.9"}
        return requests.post(
            f"{base}/api/v1/process", data=body, headers=told, timeout=5
        ).status_code

    document = json.loads(web.tenants.get("account_1").model_dump_json()) | {"version": 5}
    secrets = {"odoo_api_key": odoo.api_key, "hook_secret": "planted-secret"}
    assert send("sync_config", {"config": document, "secrets": secrets}) == 200
    assert send("sync_config", {"config": document | {"version": 4}, "secrets": {}}) == 409
    assert send("rotate_signing_key", {}) == 200
    assert send("revoke_secrets", {"refs": ["erp_api_key"]}) == 200
    assert send("get_config", {}) == 200
    assert send("get_config", {}, key="wrong") == 401
    hook = f"{base}/webhook/chatwoot/"
    assert requests.post(hook + TOKEN, data=b"{}", timeout=5).status_code == 401
    assert requests.post(hook + "x" * 43, data=b"{}", timeout=5).status_code == 401
    courier.work()
    told = [(r["operation"], r["result"], r["code"], r["ip"]) for r in odoo.audit.values()]
    assert sorted(told) == sorted(
        [
            ("sync", "ok", "", "127.0.0.1"),
            ("sync", "refused", "conflict", "127.0.0.1"),
            ("rotate", "ok", "", "127.0.0.1"),
            ("revoke", "ok", "", "127.0.0.1"),
            ("request", "refused", "wrong_signature", "127.0.0.1"),
            ("webhook", "refused", "wrong_signature", "127.0.0.1"),
        ]
    )
    assert [row["code"] for row in web.audit.unknown()] == ["unknown_token"]
    assert "planted" not in json.dumps(list(odoo.audit.values()))


def test_without_an_odoo_nothing_is_tried_until_the_tenant_is_published_with_one(
    services: Services, audit: AuditLog, courier: Courier, odoo: OdooDouble
) -> None:
    services.tenants.apply(pushing_document(), reset=True)
    courier.work()
    audit.record("account_1", "sync", "version 3")
    TraceLog(services.store).keep("account_1", {"uuid": "t1", "n": 1})
    traces = WorkQueue(services.store, "traces", 30)
    with capture_logs() as logs:
        assert courier.work() == 1
        with traces.acquire("account_1") or pytest.fail("taken") as lease:
            TraceCourier(services).work(lease)
    assert logs == []
    assert (courier.queue.due_at("account_1"), traces.due_at("account_1")) == (None, None)
    assert courier.work(later=10 * 86400) == 0
    assert audit.pending("account_1") == 1

    document = pushing_document()
    document["integrations"]["control"] = {"config": odoo.config()}
    services.tenants.apply(document, reset=True)
    assert traces.due_at("account_1")
    assert courier.work() == 1
    assert [row["subject"] for row in odoo.audit.values()] == ["version 3"]


def test_an_odoo_that_comes_while_the_rows_are_put_away_gets_them(
    services: Services, audit: AuditLog, courier: Courier, odoo: OdooDouble
) -> None:
    services.tenants.apply(pushing_document(), reset=True)
    audit.record("account_1", "sync", "version 3")
    document = pushing_document()
    document["integrations"]["control"] = {"config": odoo.config()}
    lease = courier.queue.acquire("account_1")
    assert lease
    finish = lease.finish

    def late() -> None:
        services.tenants.apply(document, reset=True)
        finish()

    lease.finish = late  # type: ignore[method-assign]
    with lease:
        courier.courier.work(lease)
    assert courier.work() == 1
    assert len(odoo.audit) == 1


def test_a_killed_process_loses_no_row(
    settings: Settings, services: Services, courier: Courier, odoo: OdooDouble
) -> None:
    script = (
        "import os, signal, sys, redis\n"
        "from sidecar.control.audit import AuditLog\n"
        "audit = AuditLog(redis.Redis.from_url(sys.argv[1], decode_responses=True), 'cli')\n"
        "for n in range(20): audit.record('account_1', 'lease', f'ref_{n}')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    url = settings.state_url.get_secret_value()
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script, url], cwd=root, check=False, timeout=60)
    assert done.returncode == -9
    courier.work()
    assert len(odoo.audit) == 20


def test_the_scheduler_sees_what_waits(settings: Settings, audit: AuditLog) -> None:
    from sidecar.tasks.scheduler import Scheduler

    audit.record("account_1", "lease", "ref")
    assert Scheduler(settings).sweep() == 1


def test_the_limits_are_those_of_the_contract() -> None:
    assert (CAP, UNKNOWN_CAP, courier_module.BATCH) == (10_000, 1_000, 200)


def test_a_store_that_is_away_stops_nobody(
    settings: Settings, audit: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    import redis

    def away(*_args: Any, **_options: Any) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(audit, "_record", away)
    audit.record("account_1", "lease", "ref")
    assert state_store(settings).zcard(keys.trail("account_1")) == 0


def test_refused_tools_of_two_people_are_two_rows(services: Services) -> None:
    ana, bruno = AuditLog(services.store, "worker"), AuditLog(services.store, "mcp/5")
    for _ in range(2):
        ana.record("account_1", "tool", "order_status for Ana (channel)", "refused", "not_found")
    ana.record("account_1", "tool", "order_status for Bruno (channel)", "refused", "not_found")
    bruno.record("account_1", "tool", "order_status for Ana (channel)", "refused", "not_found")
    told = {(r["subject"], r["service"], r["count"]) for r in _waiting(services)}
    assert told == {
        ("order_status for Ana (channel)", "worker", 2),
        ("order_status for Bruno (channel)", "worker", 1),
        ("order_status for Ana (channel)", "mcp/5", 1),
    }


def _waiting(services: Services) -> list[dict[str, Any]]:
    """Rows as they stand, also those that may still be counted up."""
    kept = services.store.hgetall(keys.trail_rows("account_1"))
    return [
        {**json.loads(text), "count": 1 + int(kept.get(f"n:{name}") or 0)}
        for name, text in kept.items()
        if text.startswith("{")
    ]
