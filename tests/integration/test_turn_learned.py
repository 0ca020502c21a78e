"""What customers choose in conversations teaches the search their word, and leaves with them."""

from dataclasses import replace

import pytest

from sidecar.crews.reply import Reply
from sidecar.hub.forgetting import Forgetting
from sidecar.search.choices import LEAST_PEOPLE, Choices
from sidecar.store import keys
from sidecar.store.connection import cache_store
from sidecar.web.state import WebState
from tests.integration.conftest import Shop, Worker

A = "account_1"
LIST = [
    {"kind": "product", "id": 5, "title": "Sofá Chesterfield", "category": "Sala / Sofás"},
    {"kind": "product", "id": 6, "title": "Poltrona Berlim", "category": "Sala / Poltronas"},
]
PREVIEW = Reply("1 × Sofá Chesterfield: R$ 900,00. Está certo?", "llm", preview=True)


@pytest.fixture
def salesman(worker: Worker) -> Worker:
    """A crew that lists two products to whoever asks for one, and quotes the first."""

    def reply(question: str) -> Reply:
        if "namoradeira" in question:
            return Reply("Temos o Sofá Chesterfield e a Poltrona Berlim.", "llm", products=LIST)
        return PREVIEW if "quero um" in question else Reply("Sim, temos.", "llm")

    worker.hub.reply = reply
    return worker


def learned(worker: Worker, account: str = A) -> dict[str, set[str]]:
    mine = worker.hub.services.tenants.get(A).context
    context = replace(mine, account_id=account, prefix=account)
    told = Choices(cache_store(worker.settings), context).learned()
    return {token: set(kinds) for token, kinds in told.items()}


def converse(shop: Shop, worker: Worker, number: int, *sentences: str) -> int:
    phone = f"+551190000{number:04}"
    conversation = shop.start(phone=phone, name=f"Cliente {number}")
    for sentence in sentences:
        shop.say(conversation, sentence)
        worker.drain(conversation)
    return conversation


@pytest.mark.parametrize("choice", ["o chesterfield tem em azul?", "quero um desses, o primeiro"])
def test_several_customers_teach_their_word(shop: Shop, salesman: Worker, choice: str) -> None:
    for number in range(LEAST_PEOPLE):
        assert learned(salesman) == {}
        converse(shop, salesman, number, "vocês têm namoradeira?", choice)
    assert learned(salesman) == {"namoradeir": {"=:sof"}}
    assert learned(salesman, "account_2") == {}


def test_one_customer_teaches_nothing_by_saying_it_again(shop: Shop, salesman: Worker) -> None:
    for _ in range(LEAST_PEOPLE):
        converse(
            shop, salesman, 1, "tem namoradeira?", "o chesterfield é azul?", "fala do chesterfield"
        )
    assert learned(salesman) == {}
    assert cache_store(salesman.settings).zcard(keys.choices(A)) == 1


@pytest.mark.parametrize(
    "said", ["não gostei do chesterfield", "vocês entregam?", "o chesterfield ou a berlim?"]
)
def test_who_chooses_nothing_teaches_nothing(shop: Shop, salesman: Worker, said: str) -> None:
    converse(shop, salesman, 1, "tem namoradeira?", said)
    converse(shop, salesman, 2, "o chesterfield é azul?")  # was shown nothing
    assert not cache_store(salesman.settings).exists(keys.choices(A))


def test_what_only_a_person_of_the_shop_read_was_not_shown(
    shop: Shop, salesman: Worker, web: WebState
) -> None:
    shop.reconfigure(web, conversation={"mode": "draft"})
    converse(shop, salesman, 1, "tem namoradeira?", "o chesterfield é azul?")
    assert not cache_store(salesman.settings).exists(keys.choices(A))


def test_an_erased_customer_leaves_no_choice(shop: Shop, salesman: Worker) -> None:
    contacts: list[int] = []
    for number in range(LEAST_PEOPLE):
        conversation = converse(shop, salesman, number, "namoradeira", "o chesterfield é azul?")
        store = salesman.hub.services.store
        (name,) = (
            str(one)
            for one in store.scan_iter(f"{A}:contact:*")
            if f"7-{conversation}" in store.smembers(one)
        )
        contacts.append(int(name.rpartition("-")[2]))
    assert learned(salesman)
    tenant = salesman.hub.services.tenants.get(A)
    Forgetting(salesman.settings).forget(A, tenant, 7, contacts[0])
    assert learned(salesman) == {}
    cache = cache_store(salesman.settings)
    assert cache.zcard(keys.choices(A)) == LEAST_PEOPLE - 1
    assert len(list(cache.scan_iter(f"{A}:chooser:*"))) == LEAST_PEOPLE - 1
