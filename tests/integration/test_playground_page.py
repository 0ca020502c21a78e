"""The playground's page in a real browser: it shows what happens, and words stay words."""

import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.doubles.playground import HookReceiver, RunningPlayground

NASTY = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        assert chromium, "chromium is not installed: run `make test`"
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def house(tmp_path):
    with HookReceiver() as hook, RunningPlayground(tmp_path / "p") as playground:
        yield playground, playground.enroll_bot(hook.url)


@pytest.fixture
def page(browser, house):
    context = browser.new_context(locale="pt-BR")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.goto(house[0].url)
    yield page
    context.close()
    assert not problems


def write(page, text):
    page.get_by_role("button", name="Abrir conversa").click()
    page.locator("#words").fill(text)
    page.get_by_role("button", name="Enviar").click()
    expect(page.locator("#chat .in").last).to_contain_text(text[:20])


def test_a_customer_writes_and_reads_the_bots_answer(page, house):
    playground, bot = house
    write(page, "Vocês têm sofá?")
    client = playground.client(bot)
    client.toggle_typing(1, True)
    expect(page.locator("#chat .typing")).to_be_visible()
    client.post_message(1, "Temos o **Sofá Jacarandá**.")
    expect(page.locator("#chat .out strong")).to_have_text("Sofá Jacarandá")
    expect(page.locator("#chat .typing")).to_have_count(0)
    expect(page.locator("#thread .out .tick")).to_have_class("tick read")
    expect(page.locator("#status")).to_have_text("Com o robô")


def test_whoever_just_writes_starts_the_conversation(page, house):
    page.locator("#words").fill("Bom dia")
    page.get_by_role("button", name="Enviar").click()
    expect(page.locator("#chat .in .words")).to_have_text("Bom dia")
    expect(page.locator("#facts")).to_contain_text("#1")


def test_notes_are_for_agents_only(page, house):
    playground, bot = house
    write(page, "Quero falar com alguém")
    playground.client(bot).post_message(1, "Resumo secreto", private=True)
    expect(page.locator("#thread .note")).to_contain_text("Resumo secreto")
    expect(page.locator("#thread .note .who-said")).to_have_text("Nota privada · Robô")
    assert "Resumo secreto" not in page.locator("#chat").inner_text()


def test_what_people_write_is_never_markup(page, house):
    playground, bot = house
    page.locator("#name").fill(NASTY[:80])
    write(page, NASTY)
    playground.client(bot).post_message(1, NASTY + " [x](javascript:alert(1))")
    playground.client(bot).add_labels(1, [NASTY])
    expect(page.locator("#thread .out .words")).to_contain_text(NASTY)
    expect(page.locator("#facts")).to_contain_text("<img src=x")
    assert page.title() == "ChatwootAI playground"
    assert page.locator("#chat img, #thread img, #chat script, #chat a").count() == 0


def test_a_person_takes_over_hands_back_and_resolves(page):
    write(page, "Oi")
    page.get_by_role("button", name="Assumir").click()
    expect(page.locator("#status")).to_have_text("Com pessoas")
    expect(page.locator("#facts")).to_contain_text("Marina Duarte")
    page.locator("#reply-words").fill("Sou a Marina")
    page.get_by_role("button", name="Responder").click()
    expect(page.locator("#chat .out")).to_contain_text("Sou a Marina")
    page.get_by_role("button", name="Devolver ao robô").click()
    expect(page.locator("#status")).to_have_text("Com o robô")
    page.get_by_role("button", name="Resolver").click()
    expect(page.locator("#status")).to_have_text("Resolvida")


def test_the_language_can_be_changed_and_is_kept(page):
    expect(page.get_by_role("heading", name="Visão do atendente")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Agent's view")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Agent's view")).to_be_visible()


def test_every_sentence_exists_in_both_languages(page):
    missing = page.evaluate(
        "() => [Object.keys(WORDS.en).filter(k => !WORDS.pt[k]),"
        " Object.keys(WORDS.pt).filter(k => !WORDS.en[k]),"
        " [...document.querySelectorAll('[data-t]')].map(n => n.dataset.t)"
        ".filter(k => !WORDS.en[k])]"
    )
    assert missing == [[], [], []]


def test_failures_can_be_armed_from_the_page(page, house):
    page.locator("summary", has_text="Provocar falhas").click()
    page.locator("#f-count").fill("2")
    page.get_by_role("button", name="Armar").click()
    expect(page.locator("#armed")).to_contain_text("2 envios com falha")
    assert house[0].act("GET", "failures")["posts"]["count"] == 2
    page.get_by_role("button", name="Tudo normal").click()
    expect(page.locator("#armed")).to_contain_text("Nada está quebrado")


def test_a_list_is_answered_by_a_tap(page, house):
    playground, bot = house
    write(page, "oi")
    playground.client(bot).post_message(1, "Com quem?", options=["Vendas", "Suporte"])
    page.locator("#chat").get_by_role("button", name="Suporte").click()
    chosen = page.locator("#chat .choices .chosen")
    expect(chosen).to_have_text("Suporte")
    expect(chosen).to_be_disabled()
    expect(page.locator("#thread .choices .chosen")).to_have_text("Suporte")
