"""Walk 2: a customer's message is answered once, from the right shop, through real processes."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Playground, Processes, sidecar, until

QUESTION = "vocês têm sofá de 3 lugares até R$ 3.000?"


def only_answer(playground: Playground, account: int, conversation: int, seconds: float) -> str:
    until(lambda: playground.answers(account, conversation), seconds)
    time.sleep(1.5)  # a second answer would come now
    (answer,) = playground.answers(account, conversation)
    return answer


def test_the_command_line_answers_with_live_products(llm: Any) -> None:
    llm("fail", status=500, count=50)
    answer = sidecar("chat", "--account", "account_1", QUESTION)
    assert "Sofá Ipanema 3 Lugares** – R$ 2.190,00" in answer
    assert "Sofá Jacarandá 3 Lugares** – R$ 2.790,00" in answer
    assert "never show" not in answer


@pytest.mark.parametrize(
    ("account", "question", "foreign"),
    [
        (1, "tem sérum de vitamina C? Shared sample", ("Serum", "never show", "$")),
        (2, "do you have a blue 3-seat sofa? Shared sample", ("Sofá", "never show", "R$")),
    ],
)
def test_no_shop_shows_anothers_products(
    playground: Playground, llm: Any, account: int, question: str, foreign: tuple[str, ...]
) -> None:
    llm("fail", status=500, count=10)
    conversation = playground.start(account, question)
    answer = only_answer(playground, account, conversation, 30)
    if account == 1:
        answer = answer.replace("R$", "")
    assert not [word for word in foreign if word in answer], answer


def test_a_customer_writes_and_reads_in_the_browser(
    page: Page, playground: Playground, llm: Any
) -> None:
    llm("fail", status=500, count=10)
    page.goto(playground.base)
    page.select_option("#inbox", str(playground.inbox(1)))
    page.fill("#name", "Bia")
    page.fill("#phone", "+5511988887777")
    page.click("#fresh")
    page.fill("#words", QUESTION)
    page.click("#send")
    expect(page.locator("#chat")).to_contain_text("Sofá Ipanema 3 Lugares", timeout=30_000)
    expect(page.locator("#chat")).to_contain_text("R$ 2.190,00")


@pytest.mark.parametrize("victim", ["worker", "web", "redis"])
def test_a_killed_process_neither_loses_nor_doubles_the_answer(
    playground: Playground, processes: Processes, llm: Any, victim: str
) -> None:
    llm("delay", seconds=2)
    conversation = playground.start(1, QUESTION)
    time.sleep(1.0)  # the message is stored, the crew is at work
    processes.kill(victim)
    llm("delay", seconds=0)
    assert only_answer(playground, 1, conversation, 90)
