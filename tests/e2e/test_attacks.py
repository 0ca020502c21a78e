"""Attacks from outside on the running house: each is refused, and each is in the access log."""

import hashlib
import json
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sidecar.credentials.resolver import CredentialResolver
from sidecar.credentials.signing import TO_ODOO, SigningKeys
from sidecar.settings import get_settings
from tests.e2e.conftest import BASE, HOME, ODOO_URL, Odoo, sidecar, until
from tests.signing import envelope, headers

WEB = f"http://127.0.0.1:{BASE}"


def signed(body: bytes, path: str = "/api/v1/process", **changes: Any) -> dict[str, str]:
    """Headers as the control Odoo of account_1 (or of `account`) would send them."""
    account = changes.get("account", "account_1")
    key = SigningKeys.from_settings(get_settings()).current(account)
    assert key
    return headers(body, path, **{"key_id": key.id, "key": key.value, **changes})


def process(body: bytes, told: dict[str, str]) -> requests.Response:
    return requests.post(f"{WEB}/api/v1/process", data=body, headers=told, timeout=10)


def logged(odoo: Odoo, *conditions: list[Any], newer_than: int) -> Any:
    """The newest row of the access log that is so; waited for, as the sidecar ships its own."""
    domain = [["sequence", ">", newer_than], *conditions]
    fields = ["operation", "subject", "code", "account", "result", "count", "sequence"]
    return until(
        lambda: odoo.call("ai.audit.log", "search_read", domain, fields, order="id desc", limit=1)
    )[0]


@pytest.fixture
def mark(odoo: Odoo) -> int:
    """Number of the last row of the access log before the attack."""
    rows = odoo.call(
        "ai.audit.log", "search_read", [], ["sequence"], order="sequence desc", limit=1
    )
    return rows[0]["sequence"] if rows else 0


REFUSED = ["result", "=", "refused"]


def test_forged_replayed_and_old_requests_are_one_answer(odoo: Odoo, mark: int) -> None:
    body = envelope("get_config")
    good = signed(body)
    assert process(body, good).status_code == 200
    answers = [
        process(body, good),  # replayed
        process(body, signed(body, key="a-key-of-an-attacker")),
        process(body, signed(body, timestamp=str(int(time.time()) - 3600))),
        process(body, signed(body, account="account_1", key_id="k" * 16)),
        process(body + b" ", signed(body)),
        process(body, good | {"X-AI-Nonce": "short"}),
        process(body, {}),
    ]
    assert {answer.status_code for answer in answers} == {401}
    bodies = [answer.json()["error"] for answer in answers]
    assert all(each == bodies[0] for each in bodies)
    row = logged(odoo, REFUSED, ["account", "=", "account_1"], newer_than=mark)
    assert row["operation"] == "request"


def test_nobody_signs_for_another_account(odoo: Odoo, mark: int) -> None:
    body = envelope("get_config", account_id="account_2")
    assert process(body, signed(body)).status_code == 403
    mixed = signed(body, account="account_1") | {"X-AI-Account": "account_2"}
    assert process(body, mixed).status_code == 401
    logged(odoo, REFUSED, newer_than=mark)


@pytest.mark.parametrize("domain", ["../account_2", "/etc", "a/../../b", "..", "furniture\n"])
def test_no_domain_leaves_the_tree(domain: str) -> None:
    asked = envelope("get_config")
    held = process(asked, signed(asked)).json()["data"]
    document = {
        "version": held["version"] + 1000, "account_id": "account_1", "name": "x",
        "domain": domain, "company_id": 1,
    }  # fmt: skip
    body = envelope("sync_config", {"config": document, "secrets": {}})
    answer = process(body, signed(body))
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["field"] == "domain"
    assert process(asked, signed(asked)).json()["data"] == held


def test_an_old_push_changes_nothing(odoo: Odoo) -> None:
    asked = envelope("get_config")
    held = process(asked, signed(asked)).json()["data"]
    document = {"version": 1, "account_id": "account_1", "name": "Old", "domain": "furniture"}
    body = envelope("sync_config", {"config": document, "secrets": {}})
    assert process(body, signed(body)).status_code == 409
    assert process(asked, signed(asked)).json()["data"] == held


def test_a_second_database_cannot_claim_an_account(odoo: Odoo, mark: int) -> None:
    url, _, secret = sidecar("enroll", "--account", "account_1").strip().partition("#")
    body = {
        "account_id": "account_1",
        "database_uuid": "00000000-0000-0000-0000-00000000dead",
        "odoo": {"url": ODOO_URL, "db": "other", "login": "x", "api_key": "x" * 20},
        "config": {"version": 1, "account_id": "account_1", "name": "x", "domain": "furniture"},
    }
    told = {"Authorization": f"Bearer {secret}"}
    answer = requests.post(f"{url}/api/v1/enroll", json=body, headers=told, timeout=10)
    assert answer.status_code == 409
    logged(odoo, REFUSED, ["account", "=", "account_1"], newer_than=mark)


def lease(ref: str, told: dict[str, str] | None = None, **changes: Any) -> requests.Response:
    body = json.dumps({"ref": ref, "purpose": "attack"}).encode()
    path = "/ai_system/lease"
    told = told or signed(body, path, **{"direction": TO_ODOO, **changes})
    return requests.post(f"{ODOO_URL}{path}", data=body, headers=told, timeout=20)


@pytest.fixture(scope="module")
def leased(odoo: Odoo) -> Iterator[str]:
    """A secret that only account_1 has and that travels by lease."""
    tenant = odoo.tenant("account_1")
    credential = odoo.call(
        "ai.credential",
        "create",
        {
            "tenant_id": tenant,
            "platform": "telegram",
            "name": "Telegram",
            "line_ids": [[0, 0, {"name": "attack_token", "new_value": "value-for-the-right-one"}]],
        },
    )
    yield "telegram_attack_token"
    odoo.call("ai.credential", "unlink", [credential])


def test_a_lease_is_for_the_signer_once(odoo: Odoo, leased: str, mark: int) -> None:
    body = json.dumps({"ref": leased, "purpose": "attack"}).encode()
    told = signed(body, "/ai_system/lease", direction=TO_ODOO)
    answer = lease(leased, told)
    assert answer.json()["data"]["value"] == "value-for-the-right-one"
    assert answer.headers["Cache-Control"] == "no-store"
    assert lease(leased, told).status_code == 401  # the same request again
    assert lease(leased, key="forged").status_code == 401
    assert lease(leased, direction="odoo>sidecar").status_code == 401
    assert lease(leased, account="account_2").status_code == 404
    assert lease("signing_key").status_code == 404
    granted = logged(odoo, ["operation", "=", "lease"], ["result", "=", "ok"], newer_than=mark)
    assert granted["subject"] == leased
    logged(odoo, REFUSED, ["operation", "=", "lease"], newer_than=mark)


def test_a_managers_company_ends_where_the_other_begins(odoo: Odoo, leased: str) -> None:
    noah = Odoo("noah-luma", "noah@luma.example")
    assert noah.call("ai.credential", "search_count", []) > 0
    foreign = [["tenant_id", "=", odoo.tenant("account_1")]]
    for model in ("ai.credential", "ai.credential.line", "ai.channel", "ai.crew", "ai.job"):
        assert noah.call(model, "search", foreign) == []
    for model in ("ai.channel.hook", "ai.agent", "ai.audit.log", "ai.tenant.check"):
        companies = noah.call(model, "search_read", [], ["company_id"])
        assert {row["company_id"][1] for row in companies if row["company_id"]} <= {
            "Luma Cosmetics"
        }
    theirs = odoo.call("ai.credential", "search", foreign, limit=1)
    for method, arguments in (
        ("read", [["name"]]),
        ("write", [{"name": "mine"}]),
        ("unlink", []),
    ):
        with pytest.raises(xmlrpc.client.Fault):
            noah.call("ai.credential", method, theirs, *arguments)


FORBIDDEN = (
    *("ai.credential", "ai.credential.line", "ai.audit.log", "ai.nonce", "ai.tenant"),
    *("ai.channel", "ai.channel.hook", "ai.crew", "ai.agent", "ai.job", "product.supplierinfo"),
    *("res.users", "res.users.apikeys", "ir.config_parameter", "ir.attachment", "mail.message"),
    *("hr.employee", "crm.lead", "stock.valuation.layer", "account.move.line"),
)
OWN = ("res.partner", "sale.order", "account.move")  # what the tools tell customers about


def seen(person: Odoo, model: str) -> list[dict[str, Any]]:
    """What a person reads of a model; a refusal is nothing, as a model that is not there."""
    try:
        return person.call(model, "search_read", [], ["id"])
    except xmlrpc.client.Fault as fault:
        if fault.faultCode in (3, 4) or "doesn't exist" in fault.faultString:
            return []
        raise


def test_the_integration_user_reads_its_facade_and_nothing_else(odoo: Odoo) -> None:
    settings = get_settings()
    key = CredentialResolver.from_settings(settings).require("account_1", "odoo_api_key")
    service = Odoo(key, "ai-service-account_1")
    assert service.call("ai.facade", "ping")["account_id"] == "account_1"
    for model in FORBIDDEN:
        assert seen(service, model) == [], model
    tenant = odoo.tenant("account_1")
    company = odoo.read("ai.tenant", tenant, "company_id")["company_id"]
    for model in OWN:
        rows = service.call(model, "search_read", [], ["company_id"])
        assert {tuple(row["company_id"]) for row in rows} <= {tuple(company)}, model
        with pytest.raises(xmlrpc.client.Fault):
            service.call(model, "write", [row["id"] for row in rows[:1]], {"ref": "x"})
    customers = service.call("res.partner", "search", [])
    assert customers
    people = [["partner_id", "in", customers], ["share", "=", False]]
    assert not odoo.call("res.users", "search", people)
    names = {p["name"] for p in service.call("product.template", "search_read", [], ["name"])}
    assert names
    assert not [name for name in names if "Serum" in name or "never show" in name]


def test_verify_finds_what_was_changed_behind_odoos_back(odoo: Odoo) -> None:
    def verified() -> str:
        return odoo.call("ai.audit.log", "action_verify", [])["params"]["type"]

    def sql(statement: str) -> None:
        command = ["psql", "-qh", str(HOME / "run/pg"), "-U", "odoo", "chatwootai", "-c", statement]
        subprocess.run(command, check=True, capture_output=True)

    assert verified() == "success"
    sql("update ai_audit_log set login = 'somebody' || coalesce(login, '') where sequence = 3")
    assert verified() == "danger"
    sql("update ai_audit_log set login = nullif(substr(login, 9), '') where sequence = 3")
    assert verified() == "success"
    for method, arguments in (("write", [{"login": "x"}]), ("unlink", [])):
        with pytest.raises(xmlrpc.client.Fault):
            odoo.call("ai.audit.log", method, [1], *arguments)


def test_a_webhook_with_a_guessed_address_or_signature_is_refused(odoo: Odoo, mark: int) -> None:
    hook = odoo.call("ai.channel.hook", "search_read", [], ["webhook_url"], limit=1)[0]
    body = b'{"event": "message_created"}'
    stamp = str(int(time.time()))
    forged = {
        "X-Chatwoot-Timestamp": stamp,
        "X-Chatwoot-Signature": "sha256=" + hashlib.sha256(body).hexdigest(),
    }
    for url, told in (
        (hook["webhook_url"], {}),
        (hook["webhook_url"], forged),
        (f"{WEB}/webhook/chatwoot/{'x' * 43}", forged),
    ):
        assert requests.post(url, data=body, headers=told, timeout=10).status_code == 401
    logged(odoo, REFUSED, ["operation", "=", "webhook"], newer_than=mark)
