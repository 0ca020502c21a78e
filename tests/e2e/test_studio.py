"""The studio in a browser: generate, edit, approve, synchronize, found by search; a hand edit."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import ODOO_URL, Odoo, log_in, until

PRODUCT = "Poltrona Buriti"
EDITED = "Uma poltrona para tardes de chuva com xícara de chá."
BY_HAND = "Texto que a loja escreveu à mão."
TAB = ".o_notebook .nav-link[name=ai_description]"
PART = ".o_ai_part[name=short_description]"


def live(odoo: Odoo, product: int) -> str:
    """The text for quotations, in Portuguese."""
    context = {"lang": "pt_BR"}
    fields = ["description_sale"]
    return odoo.call("product.template", "read", [product], fields, context=context)[0][fields[0]]


def open_product(page: Page, product: int) -> None:
    page.goto(f"{ODOO_URL}/odoo/product.template/{product}")
    page.click(TAB)


def write_by_hand(page: Page, text: str) -> None:
    page.click(".o_notebook .nav-link[name=sales]")
    page.fill("[name=description_sale] textarea", text)
    page.click(".o_form_button_save")
    page.wait_for_selector(".o_form_saved")


def test_a_text_is_edited_approved_and_found(page: Page, odoo: Odoo, llm: Any) -> None:
    product = odoo.product(PRODUCT)
    before = live(odoo, product)
    log_in(page, "ana@casaipe.example", "ana-casaipe")
    open_product(page, product)
    page.click("button[name=action_generate_description]:visible")
    page.click("button[name=action_review_ai_description]:visible")
    page.wait_for_selector(f"{PART}.o_ai_current")
    page.keyboard.press("e")
    page.fill(".modal [name=short_description] textarea", EDITED)
    page.click(".modal .o_form_button_save")
    expect(page.locator(f"{PART} [name=proposed]")).to_contain_text("tardes de chuva")
    assert live(odoo, product) == before  # nothing is in use before the approval
    page.click(".o_form_statusbar button[name=action_approve]")
    page.wait_for_selector(".o_statusbar_status .o_arrow_button_current[data-value=approved]")
    assert live(odoo, product) == EDITED

    open_product(page, product)
    page.click("button[name=action_sync_ai]:visible")
    domain = [["record_id", "=", product], ["state", "=", "synced"]]
    until(lambda: odoo.call("ai.product.sync", "search_count", domain), 60)
    page.goto(f"{ODOO_URL}/odoo/ai-search")
    page.uncheck("#o_ai_search_available")
    page.fill(".o_ai_search_input", "tardes de chuva com xícara de chá")
    assert PRODUCT in page.wait_for_selector(".o_ai_search_card").inner_text()

    page.context.clear_cookies()
    log_in(page, "rafael@casaipe.example", "rafael-casaipe")
    open_product(page, product)
    write_by_hand(page, BY_HAND)
    page.click(TAB)
    page.wait_for_selector("[name=ai_needs_update_badge]:visible")
    page.click("button[name=action_generate_description]:visible")
    page.click("button[name=action_approve_ai_description]:visible")
    page.wait_for_selector(".modal")  # it asks before it replaces what a person wrote
    page.click(".modal .btn-close")
    assert live(odoo, product) == BY_HAND
