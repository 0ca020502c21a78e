"""A rule edited in Odoo changes the next answer within five seconds, and Ask answers in Odoo."""

import time
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import ODOO_URL, Odoo, Playground, log_in, until

ACCOUNT = "account_1"


def profile_of(odoo: Odoo) -> int:
    tenant = odoo.tenant(ACCOUNT)
    (profile,) = odoo.call("ai.company.profile", "search", [["tenant_id", "=", tenant]])
    return profile


def rule(odoo: Odoo, key: str) -> int:
    domain = [["template_key", "=", key], ["profile_id", "=", profile_of(odoo)]]
    (found,) = odoo.call("ai.business.rule", "search", domain)
    return found


def answer(playground: Playground, question: str) -> str:
    conversation = playground.start(1, question)
    until(lambda: playground.answers(1, conversation), 60)
    return playground.answers(1, conversation)[0]


def test_a_rule_edited_in_the_browser_changes_the_next_answer(
    odoo: Odoo, page: Page, playground: Playground, llm: Any
) -> None:
    llm("fail", status=500, count=50)
    record = rule(odoo, "return")
    before = odoo.read("ai.business.rule", record, "return_days")["return_days"]
    assert f"{before} dias" in answer(playground, "qual o prazo para trocar um móvel?")
    try:
        log_in(page, "admin", odoo.password)
        page.goto(f"{ODOO_URL}/odoo/ai.business.rule/{record}")
        page.locator("[name=return_days] input").fill("19")
        page.locator(".o_form_button_save").click()
        until(lambda: odoo.read("ai.business.rule", record, "return_days")["return_days"] == 19)
        time.sleep(4.0)  # with the time a message waits for more, less than five seconds
        assert "19 dias" in answer(playground, "qual o prazo para trocar um móvel?")
    finally:
        odoo.call("ai.business.rule", "write", [record], {"return_days": before})


def test_a_cancelled_promotion_is_not_offered_any_more(
    odoo: Odoo, playground: Playground, llm: Any
) -> None:
    llm("fail", status=500, count=50)
    record = rule(odoo, "sofa_week")
    assert "SOFA10" in answer(playground, "tem alguma promoção?")
    odoo.call("ai.business.rule", "action_cancel", [record])
    try:
        time.sleep(4.0)
        assert "SOFA10" not in answer(playground, "tem alguma promoção?")
    finally:
        odoo.call("ai.business.rule", "action_confirm", [record])


def test_ask_answers_on_the_form(odoo: Odoo, page: Page, llm: Any) -> None:
    llm("fail", status=500, count=50)
    log_in(page, "admin", odoo.password)
    page.goto(f"{ODOO_URL}/odoo/ai.company.profile/{profile_of(odoo)}")
    box = page.locator(".o_ai_ask_rules")
    box.locator("input[name=question]").fill("vocês montam o guarda-roupa?")
    box.locator("button[name=ask]").click()
    expect(box).to_contain_text("R$ 180", timeout=60_000)


def test_ask_by_rpc_names_the_rules(odoo: Odoo, llm: Any) -> None:
    llm("fail", status=500, count=50)
    profile = profile_of(odoo)
    job = odoo.call("ai.company.profile", "ask", [profile], "parcela em quantas vezes?")["job"]

    def ended() -> Any:
        state = odoo.call("ai.company.profile", "answer_state", [profile], job)
        return state if state["state"] in ("done", "failed") else None

    told = until(ended, 60)
    assert told["state"] == "done", told
    assert "12" in told["answer"]
    assert [found for found in told["rules"] if found["name"]]


def test_the_copy_is_in_step(odoo: Odoo) -> None:
    record = rule(odoo, "warranty")
    odoo.call("ai.business.rule", "action_synchronize", [record])
    until(lambda: odoo.read("ai.business.rule", record, "sync_state")["sync_state"] == "synced", 60)
    assert odoo.read("ai.business.rule", record, "vector_id")["vector_id"]
