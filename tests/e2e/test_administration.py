"""Odoo's administrators steer the running house: pushes, rotation, an Odoo that is away."""

import base64
import hashlib
import os
import threading
import time
from typing import Any

import requests
from playwright.sync_api import Page, expect

from tests.e2e.conftest import (
    BASE,
    HOME,
    ODOO_URL,
    Odoo,
    Playground,
    Processes,
    log_in,
    synchronize,
    until,
)

PERSON = "quero falar com um atendente"


def crew(odoo: Odoo, tenant: int, key: str) -> int:
    return odoo.call("ai.crew", "search", [["tenant_id", "=", tenant], ["key", "=", key]])[0]


def test_each_part_of_the_connection_is_tested_and_shown(page: Page) -> None:
    log_in(page, "rafael@casaipe.example", "rafael-casaipe")
    page.goto(f"{ODOO_URL}/odoo/action-ai_system.ai_tenant_action")
    page.click(".o_data_row td[name=name]")
    page.click("button[name=action_test_connection]")
    page.click(".nav-link[name=checks], .nav-link:has-text('Teste de conexão')")
    rows = page.locator("[name=check_ids] .o_data_row")
    expect(rows).to_have_count(6, timeout=30_000)
    words = page.locator("[name=check_ids]").inner_text()
    for part in ("Redis", "Qdrant", "Odoo", "Chatwoot"):
        assert part in words
    assert "127.0.0.1:1 " not in words


def test_a_push_changes_what_a_running_worker_does(
    odoo: Odoo, playground: Playground, llm: Any
) -> None:
    tenant = odoo.tenant("account_2")
    service = crew(odoo, tenant, "customer_service")
    odoo.call("ai.crew", "write", [service], {"enabled": False})
    try:
        synchronize(odoo, tenant)
        conversation = playground.start(2, "do you have a lipstick?")
        until(lambda: playground.read(2, conversation)["status"] == "open", 30)
        notes = [m["content"] for m in playground.read(2, conversation)["messages"] if m["private"]]
        assert any("customer_service is not enabled for account_id account_2" in n for n in notes)
    finally:
        odoo.call("ai.crew", "write", [service], {"enabled": True})
        synchronize(odoo, tenant)
    conversation = playground.start(2, "do you have a lipstick?")
    until(lambda: playground.answers(2, conversation))
    assert playground.read(2, conversation)["status"] == "pending"


def test_agents_texts_written_in_odoo_reach_the_model(
    odoo: Odoo, playground: Playground, llm: Any
) -> None:
    tenant = odoo.tenant("account_1")
    service = crew(odoo, tenant, "customer_service")
    agent = odoo.call("ai.agent", "search", [["crew_id", "=", service]], limit=1)[0]
    before = odoo.read("ai.agent", agent, "backstory")["backstory"]
    odoo.call("ai.agent", "write", [agent], {"backstory": "Adora jacarandá maciço."})
    try:
        synchronize(odoo, tenant)
        conversation = playground.start(1, "tem mesa de jantar?")
        until(lambda: playground.answers(1, conversation))
        asked = requests.get(f"http://127.0.0.1:{BASE + 8}/double/requests", timeout=10).json()
        assert any("Adora jacarandá maciço." in repr(request) for request in asked)
    finally:
        odoo.call("ai.agent", "write", [agent], {"backstory": before})
        synchronize(odoo, tenant)


def test_without_odoo_webhooks_are_verified_and_people_are_called(
    odoo: Odoo, playground: Playground, processes: Processes, llm: Any
) -> None:
    both = ("odoo", "odoo-rpc")
    for name in both:
        processes.stop(name)
    try:
        conversation = playground.start(1, PERSON)
        until(lambda: playground.read(1, conversation)["status"] == "open", 60)
        assert len(playground.answers(1, conversation)) == 1
    finally:
        for name in both:
            processes.start(name)
        until(lambda: _answers(), 90)


def _answers() -> bool:
    try:
        Odoo((HOME / "admin-password").read_text().strip())
    except OSError:
        return False
    return True


def test_all_keys_rotate_while_customers_write(
    odoo: Odoo, playground: Playground, llm: Any
) -> None:
    tenant, stop = odoo.tenant("account_1"), threading.Event()
    started: list[int] = []

    def customers() -> None:
        while not stop.is_set():
            started.append(playground.start(1, PERSON))
            time.sleep(0.4)

    writer = threading.Thread(target=customers)
    writer.start()
    try:
        newest = _new_vault_key()
        rotation = odoo.call("ai.credential.rotation", "action_open")["res_id"]
        odoo.call("ai.credential.rotation", "action_rotate", [rotation])
        until(lambda: odoo.read("ai.credential.rotation", rotation, "state")["state"] == "done", 60)
        assert not odoo.read("ai.credential.rotation", rotation, "problems")["problems"]
        for _ in range(2):
            dated = odoo.read("ai.tenant", tenant, "signing_key_date")["signing_key_date"]
            time.sleep(1.1)  # dates have whole seconds
            odoo.call("ai.tenant", "action_rotate_signing_key", [tenant])
            until(
                lambda dated=dated: (
                    dated != odoo.read("ai.tenant", tenant, "signing_key_date")["signing_key_date"]
                )
            )
            synchronize(odoo, tenant)
    finally:
        stop.set()
        writer.join()
    for conversation in started:
        until(lambda c=conversation: playground.read(1, c)["status"] == "open", 60)
        assert len(playground.answers(1, conversation)) == 1
    lines = odoo.call("ai.credential.line", "search_read", [["is_set", "=", True]])
    assert {line["key_fingerprint"] for line in lines} == {newest}
    failed = [["state", "=", "failed"], ["action", "in", ["rotate_signing_key", "sync_config"]]]
    assert not odoo.call("ai.job", "search", failed)
    refused = [["result", "=", "refused"], ["code", "in", ["bad_signature", "unauthorized"]]]
    assert not odoo.call("ai.audit.log", "search", refused)


def _new_vault_key() -> str:
    """Put a new key in front of Odoo's; its fingerprint, as the vault shows it."""
    file, key = HOME / "vault.keys", os.urandom(32)
    file.write_text(f"{base64.b64encode(key).decode()}\n{file.read_text()}")
    return hashlib.sha256(b"chatwootai vault key" + key).hexdigest()[:8]
