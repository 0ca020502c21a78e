"""Walk 1: a salesperson's click in Odoo becomes a text in the form."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import ODOO_URL, Odoo, Processes, log_in, until

BUTTON = "button[name=action_generate_description]:visible"
TEXT = "[name=ai_description_html]"


def open_tab(page: Page, product: int) -> None:
    page.goto(f"{ODOO_URL}/odoo/product.template/{product}")
    page.click("a[name=ai_description], .nav-link[name=ai_description]")
    page.wait_for_selector(BUTTON)


def drafts(odoo: Odoo, product: int) -> int:
    return odoo.call("product.ai.description", "search_count", [["product_tmpl_id", "=", product]])


def test_a_salesperson_gets_a_text_without_reloading(page: Page, odoo: Odoo, llm: Any) -> None:
    product = odoo.product("Sofá Jacarandá")
    log_in(page, "ana@casaipe.example", "ana-casaipe")
    open_tab(page, product)
    started = time.monotonic()
    page.click(BUTTON)
    page.wait_for_selector(TEXT)
    seconds = time.monotonic() - started
    print(f"click to text: {seconds:.1f} s")
    assert page.inner_text(TEXT).strip()
    assert drafts(odoo, product) == 1
    (text,) = odoo.call(
        "product.ai.description",
        "search_read",
        [["product_tmpl_id", "=", product]],
        ["id", "writer", "prompt_version", "seo_title", "cost"],
    )
    assert (text["writer"], bool(text["prompt_version"])) == ("llm", True)
    assert text["cost"] > 0
    assert 0 < len(text["seo_title"]) <= 60
    claims = [["description_id", "=", text["id"]]]
    assert odoo.call("product.ai.claim", "search_count", claims)
    assert not odoo.call("product.ai.claim", "search_count", [*claims, ["supported", "=", False]])


@pytest.mark.parametrize("failure", [401, 500])
def test_a_failing_model_leaves_the_extractive_text(
    page: Page, odoo: Odoo, llm: Any, failure: int
) -> None:
    product = odoo.product("Sofá Ipanema" if failure == 401 else "Sofá Pitanga")
    llm("fail", status=failure, count=5)
    log_in(page, "ana@casaipe.example", "ana-casaipe")
    open_tab(page, product)
    page.click(BUTTON)
    page.wait_for_selector(TEXT)
    (text,) = odoo.call(
        "product.ai.description", "search_read", [["product_tmpl_id", "=", product]], ["writer"]
    )
    assert text["writer"] == "extractive"


@pytest.mark.parametrize(
    ("victim", "name"),
    [
        ("worker", "Mesa de Jantar Imbuia"),
        ("web", "Mesa de Centro"),
        ("redis", "Estante"),
    ],
)
def test_a_killed_process_finishes_the_job_after_its_restart(
    odoo: Odoo, processes: Processes, llm: Any, victim: str, name: str
) -> None:
    llm("delay", seconds=3)
    product = odoo.product(name)
    company = odoo.call(
        "ai.tenant", "search_read", [["account_id", "=", "account_1"]], ["company_id"]
    )
    user = odoo.call("res.users", "read", [odoo.uid], ["company_ids"])[0]
    company_id = company[0]["company_id"][0]
    assert company_id in user["company_ids"]
    context = {"allowed_company_ids": [company_id], "lang": "pt_BR"}
    odoo.call("product.template", "action_generate_description", [product], context=context)
    if victim != "web":  # the web process is killed while Odoo's sender talks to it, or before
        sent = [
            ["model", "=", "product.template"],
            ["res_id", "=", product],
            ["state", "=", "sent"],
        ]
        until(lambda: odoo.call("ai.job", "search", sent))
    processes.kill(victim)
    llm("delay", seconds=0)
    until(lambda: drafts(odoo, product), 90)
    time.sleep(2)
    assert drafts(odoo, product) == 1
