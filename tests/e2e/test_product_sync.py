"""A product changed in Odoo is found, shown and dropped by itself; the index can be redone."""

from typing import Any

from playwright.sync_api import Page

from tests.e2e.conftest import ODOO_URL, Odoo, log_in, until

INPUT = ".o_ai_search_input"


def row(odoo: Odoo, product: int) -> dict[str, Any]:
    """How a product stands in the AI system; empty where it does not."""
    domain = [["record_id", "=", product]]
    found = odoo.call("ai.product.sync", "search_read", domain, ["state", "vector_id"])
    return found[0] if found else {}


def synced(odoo: Odoo, product: int) -> bool:
    return row(odoo, product).get("state") == "synced"


def test_a_renamed_product_is_found_by_its_new_name(page: Page, odoo: Odoo, llm: Any) -> None:
    product = odoo.product("Cabideiro Gravatá")
    until(lambda: synced(odoo, product), 60)
    lang = {"lang": "pt_BR"}
    before = odoo.call("product.template", "read", [product], ["name"], context=lang)[0]["name"]
    name = f"{before} Quixabeira"
    odoo.call("product.template", "write", [product], {"name": name}, context=lang)
    try:
        assert row(odoo, product)["state"] in ("needs_update", "queued")
        until(lambda: synced(odoo, product), 60)
        log_in(page, "ana@casaipe.example", "ana-casaipe")
        page.goto(f"{ODOO_URL}/odoo/ai-search")
        page.uncheck("#o_ai_search_available")
        page.fill(INPUT, "quixabeira")
        first = page.wait_for_selector(".o_ai_search_card")
        assert "Quixabeira" in first.inner_text()
        first.click()
        page.wait_for_selector(".o_form_view")
        page.click(".nav-link[name=ai_description]")
        page.click("button[name=action_view_ai_text]:visible")
        page.wait_for_selector(".modal [name=text] :text('Quixabeira')")
    finally:
        odoo.call("product.template", "write", [product], {"name": before}, context=lang)
        until(lambda: synced(odoo, product), 60)


def test_an_archived_product_leaves_the_index_and_comes_back(odoo: Odoo) -> None:
    product = odoo.product("Banco Jatobá")
    until(lambda: synced(odoo, product), 60)
    odoo.call("product.template", "write", [product], {"active": False})
    try:
        until(lambda: row(odoo, product).get("vector_id") is False, 60)
        assert row(odoo, product)["state"] == "not_synced"
    finally:
        odoo.call("product.template", "write", [product], {"active": True})
        until(lambda: synced(odoo, product), 60)


def test_everything_is_redone_from_the_tenants_form(page: Page, odoo: Odoo, llm: Any) -> None:
    tenant = odoo.tenant("account_1")
    domain = [
        ["action", "=", "sync_products"],
        ["model", "=", "ai.tenant"],
        ["res_id", "=", tenant],
    ]
    before = odoo.call("ai.job", "search_count", [*domain, ["state", "=", "done"]])
    log_in(page, "rafael@casaipe.example", "rafael-casaipe")
    page.goto(f"{ODOO_URL}/odoo/action-ai_system.ai_tenant_action/{tenant}")
    page.click("button[name=action_reindex]:visible")
    until(
        lambda: odoo.call("ai.job", "search_count", [*domain, ["state", "=", "done"]]) > before, 120
    )
    page.wait_for_selector("button[name=action_reindex]:visible")
    counts = odoo.read("ai.tenant", tenant, "product_count", "synced_product_count")
    assert counts["product_count"] == counts["synced_product_count"] > 0
