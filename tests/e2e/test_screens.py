"""The main screens in English and Portuguese: each opens without an error, and is in the docs.

`SCREENS=write make test-e2e` takes the pictures of docs/screens anew.
"""

import io
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import BASE, Odoo, Playground, log_in, until
from tests.e2e.screens import SCREENS, SHOPS, Screen, Shop

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
WRITE = os.environ.get("SCREENS") == "write"
LARGEST = 150_000
SIZE = {"width": 1280, "height": 800}
DAILY = {
    "en_US": ("Conversations", "Business Rules", "Products", "Tenants"),
    "pt_BR": ("Conversas", "Regras de Negócio", "Produtos", "Contas"),
}
READY = "() => odoo.__WOWL_DEBUG__?.root?.env?.services?.action"
OPEN = """async ([action, record]) => {
    const {action: actions, menu: menus} = odoo.__WOWL_DEBUG__.root.env.services;
    const root = "ai_system.ai_system_menu_root";
    menus.setCurrentMenu(menus.getApps().find((app) => app.xmlid === root));
    const form = {viewType: "form", props: {resId: record}};
    await actions.doAction(action, {clearBreadcrumbs: true, ...(record ? form : {})});
}"""


@pytest.fixture(scope="module")
def shown(odoo: Odoo) -> None:
    """Something to see in both shops: an answer, a hand-off and a description."""
    time.sleep(float(os.environ["CHATWOOTAI_BREAKER_PAUSE"]))  # failures of the tests before
    for shop in SHOPS.values():
        show_conversations(odoo, shop)
        show_description(odoo, shop)


def show_conversations(odoo: Odoo, shop: Shop) -> None:
    unsure = "[UNSURE] I do not know." if shop.lang == "en_US" else "[NAO_SEI] Não sei."
    playground = Playground()
    of_shop = ["tenant_id", "=", odoo.tenant(shop.account_id)]
    said = [of_shop, ["contact_name", "=", shop.customer]]
    told = odoo.call("ai.conversation.turn", "search_count", said)
    for words in (shop.question, shop.unknown, shop.upset):
        # as often as the model may be asked: one answer more or less moves no other turn's
        script(*[shop.said if words == shop.question else unsure] * 8)
        talk = playground.start(shop.number, words, name=shop.customer)
        told += 1
        until(lambda n=told: odoo.call("ai.conversation.turn", "search_count", said) >= n, 60)
        if words == shop.unknown:  # what was not answered twice is a person's
            playground.say(shop.number, talk, words)
            told += 1
            until(lambda n=told: odoo.call("ai.conversation.turn", "search_count", said) >= n, 60)
    until(lambda: odoo.call("ai.conversation.gap", "search_count", [of_shop]) > 0, 60)


def show_description(odoo: Odoo, shop: Shop) -> None:
    script(json.dumps(shop.text), json.dumps(shop.text))
    product = odoo.product(shop.product)
    company = odoo.read("ai.tenant", odoo.tenant(shop.account_id), "company_id")["company_id"]
    context = {"allowed_company_ids": [company[0]], "lang": shop.lang}
    of_product = [["product_tmpl_id", "=", product]]
    before = odoo.call("product.ai.description", "search_count", of_product)
    odoo.call("product.template", "action_generate_description", [product], context=context)
    until(lambda: odoo.call("product.ai.description", "search_count", of_product) > before, 60)


def script(*answers: str) -> None:
    """What the double of the model says next."""
    url = f"http://127.0.0.1:{BASE + 8}/double"
    requests.post(f"{url}/reset", timeout=10)
    requests.post(f"{url}/script", json={"responses": answers}, timeout=10)


@pytest.fixture(scope="module", params=sorted(SHOPS))
def desk(browser: Browser, shown: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """(shop, page of its manager, what went wrong in it)."""
    shop = SHOPS[request.param]
    context = browser.new_context(viewport=SIZE, locale=shop.lang.replace("_", "-"))
    page = context.new_page()
    page.set_default_timeout(30_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    log_in(page, shop.login, shop.password)
    page.wait_for_function(READY)
    page.add_style_tag(
        content="* { caret-color: transparent !important; animation: none !important }"
    )
    yield shop, page, wrong
    context.close()


def picture(page: Page, shop: Shop, name: str) -> None:
    """Write the picture of what is seen, or see that there is one."""
    file = FOLDER / shop.lang / f"{name}.png"
    if WRITE:
        page.wait_for_timeout(900)  # pictures, counts and fonts come after the screen
        file.parent.mkdir(parents=True, exist_ok=True)
        image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        image.quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)
    assert file.exists(), f"SCREENS=write make test-e2e writes {file.name}"
    assert file.stat().st_size <= LARGEST


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_each_screen_opens(desk: Any, odoo: Odoo, screen: Screen) -> None:
    shop, page, wrong = desk
    wrong.clear()
    record = screen.record(odoo, shop) if screen.record else 0
    page.evaluate(OPEN, [screen.action, record])
    page.wait_for_selector(f".o_action_manager {screen.wait}")
    for click in screen.clicks:
        page.click(f"{click}:visible")
    if screen.types:
        page.fill(screen.wait, shop.search)
        page.wait_for_selector(".o_ai_search_card")
    if screen.shows:
        page.evaluate("(found) => document.querySelector(found).scrollIntoView()", screen.shows)
    assert not page.query_selector(".o_error_dialog, .modal .o_dialog_error")
    picture(page, shop, screen.name)
    assert wrong == []


def test_what_is_used_daily_is_in_the_menu_of_a_small_screen(desk: Any) -> None:
    shop, page, _ = desk
    page.wait_for_selector(".o_menu_sections > .dropdown:visible, .o_menu_sections > a:visible")
    seen = page.locator(".o_menu_sections > :not(.o_menu_sections_more)")
    assert [word for word in DAILY[shop.lang] if word not in " ".join(seen.all_inner_texts())] == []


@pytest.mark.parametrize("lang", sorted(SHOPS))
def test_the_playground_opens(browser: Browser, lang: str) -> None:
    shop = SHOPS[lang]
    context = browser.new_context(viewport=SIZE, locale=lang.replace("_", "-"))
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"http://127.0.0.1:{BASE + 5}/")
    script(shop.said)
    page.select_option("#inbox", str(Playground().inbox(shop.number)))
    page.click("#fresh")
    page.fill("#name", shop.customer)
    page.fill("#words", shop.question)
    page.click("#send")
    page.wait_for_selector("#chat .bubble.out:not(.typing)")
    picture(page, shop, "playground")
    assert wrong == []
    context.close()


def test_no_picture_is_left_over() -> None:
    names = {screen.name for screen in SCREENS} | {"playground"}
    for lang in SHOPS:
        assert {file.stem for file in (FOLDER / lang).iterdir()} == names
