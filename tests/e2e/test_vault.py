"""Secrets planted through the real screens are looked for wherever the house writes or speaks."""

import subprocess
import xmlrpc.client
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Response

from tests.e2e.conftest import HOME, ODOO_URL, Odoo, log_in, until

TYPED = "planted-typed-secret-7f3a9c51"
LLM_KEY = "planted-llm-key-0b62d8e4"
READABLE = (
    "ai.credential",
    "ai.credential.line",
    "ai.channel",
    "ai.channel.hook",
    "ai.channel.setup",
    "ai.tenant",
    "ai.tenant.connect",
    "ai.tenant.configuration",
    "ai.job",
    "ai.audit.log",
    "ir.config_parameter",
    "ir.logging",
    "mail.message",
    "mail.tracking.value",
)


@pytest.fixture(scope="module")
def planted(browser: Any, odoo: Odoo) -> Iterator[list[str]]:
    """Secrets typed in a browser; returns all answers the browser got meanwhile."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="pt-BR")
    page: Page = context.new_page()
    page.set_default_timeout(30_000)
    heard: list[str] = []

    def hear(response: Response) -> None:
        kind = response.headers.get("content-type", "")
        if "json" in kind or "html" in kind:
            heard.append(response.text())

    log_in(page, "rafael@casaipe.example", "rafael-casaipe")
    page.on("response", hear)
    page.goto(f"{ODOO_URL}/odoo/action-ai_credentials_manager.ai_credential_action")
    page.click(".o_list_button_add")
    page.click("[name=platform] input")
    page.click(".o_select_menu_item:has-text('Mercado Livre')")
    row = page.locator("[name=line_ids] .o_data_row", has_text="client_secret")
    row.locator("td[name=new_value]").click()
    page.fill("[name=line_ids] td[name=new_value] input[type=password]", TYPED)
    page.click(".o_form_button_save")
    page.wait_for_selector(".o_form_saved")
    page.wait_for_selector(f"text=••••{TYPED[-4:]}")
    assert TYPED not in page.content()
    page.reload()
    page.wait_for_selector(f"text=••••{TYPED[-4:]}")
    context.close()
    tenant = odoo.tenant("account_2")
    odoo.call("ai.tenant", "write", [tenant], {"llm_api_key": LLM_KEY})
    for each in (odoo.tenant("account_1"), tenant):
        odoo.call("ai.tenant", "action_synchronize", [each])
        until(lambda e=each: odoo.read("ai.tenant", e, "sync_state")["sync_state"] == "synced")
    yield heard
    context = {"secret_name": "llm_api_key"}
    odoo.call("ai.tenant", "action_revoke_secret", [tenant], context=context)
    odoo.call("ai.tenant", "action_synchronize", [tenant])


def secrets() -> list[bytes]:
    return [TYPED.encode(), LLM_KEY.encode()]


def test_the_browser_is_never_told(planted: list[str]) -> None:
    assert len(planted) > 5
    assert not [text for text in planted if TYPED in text]


def test_no_dump_of_the_database_holds_them(planted: list[str]) -> None:
    command = ["pg_dump", "-h", str(HOME / "run/pg"), "-U", "odoo", "chatwootai"]
    dump = subprocess.run(command, capture_output=True, check=True).stdout
    assert b"ai_credential_line" in dump
    assert not [secret for secret in secrets() if secret in dump]


def test_no_file_of_the_house_holds_them(planted: list[str]) -> None:
    """YAML, what Redis writes (its append-only file has every value it ever held), logs."""
    files = [
        file
        for folder in ("config", "data/redis", "data/vectors", "data/odoo", "log", "run")
        for file in (HOME / folder).rglob("*")
        if file.is_file()
    ]
    names = {file.name for file in files}
    assert {"config.yaml", "web.log", "worker.log", "odoo.log", "scheduler.log"} <= names
    assert any(name.endswith(".aof") for name in names)
    holding = [
        str(file) for file in files if any(secret in file.read_bytes() for secret in secrets())
    ]
    assert holding == []


@pytest.mark.parametrize("model", READABLE)
def test_nobody_reads_them_by_rpc(planted: list[str], odoo: Odoo, model: str) -> None:
    fields = odoo.call(model, "fields_get", [], ["type", "exportable"])
    # XML-RPC cannot carry JSON's null; the dump of the database shows those columns
    names = [name for name, field in fields.items() if field["type"] != "json"]
    told = [odoo.call(model, "search_read", [], names, limit=5000)]
    records = odoo.call(model, "search", [], limit=5000)
    exported = [name for name in names if fields[name].get("exportable", True)]
    told.append(odoo.call(model, "export_data", records, exported))
    assert not [secret for secret in secrets() if secret in repr(told).encode()]


def test_nobody_searches_or_groups_by_them(planted: list[str], odoo: Odoo) -> None:
    for field in ("value", "last_four", "fingerprint", "ref"):
        assert odoo.call("ai.credential.line", "search", [[field, "=", TYPED]]) == []
    for field in ("new_value", "ciphertext"):
        with pytest.raises(xmlrpc.client.Fault) as refused:
            odoo.call("ai.credential.line", "search", [[field, "=", TYPED]])
        assert TYPED not in refused.value.faultString
        with pytest.raises(xmlrpc.client.Fault):
            odoo.call("ai.credential.line", "formatted_read_group", [], [field])


def test_an_error_does_not_repeat_them(planted: list[str], odoo: Odoo) -> None:
    line = odoo.call("ai.credential.line", "search", [["ref", "=", "mercado_livre_client_secret"]])
    for wrong in ({"new_value": {"x": TYPED}}, {"new_value": TYPED * 2000, "is_secret": True}):
        with pytest.raises(xmlrpc.client.Fault) as refused:
            odoo.call("ai.credential.line", "write", line, wrong)
        assert TYPED not in refused.value.faultString
