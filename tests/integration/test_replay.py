"""A turn asked again: today's settings decide, nothing is posted and nothing is written."""

from typing import Any

import pytest

from sidecar.crews.reply import Reply
from sidecar.errors import NotConfigured, Unprocessable
from sidecar.hub.hub import Hub
from sidecar.hub.replay import replayed
from sidecar.hub.services import Services
from sidecar.tenants.schema import Tenant
from sidecar.web.state import WebState
from tests.documents import tenant_document
from tests.integration.conftest import Shop, Worker

ASKED = {
    "question": "e em azul?",
    "history": [
        {"role": "user", "content": "tem sofá?"},
        {"role": "assistant", "content": "Temos."},
    ],
    "crew": "customer_service",
    "channel_id": 7,
}


def replay(worker: Worker, **changes: Any) -> dict[str, Any]:
    services = worker.hub.services
    tenant = services.tenants.get("account_1")
    return replayed(worker.hub, tenant, ASKED | changes)  # type: ignore[arg-type]


def everything(web: WebState) -> dict[str, Any]:
    """All that the store holds, but signs of life."""
    return {
        key: web.store.dump(key)
        for key in map(str, web.store.scan_iter())
        if not key.startswith("beat:")
    }


def test_todays_answer_with_its_steps_and_nothing_said_or_kept(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    said, before = shop.read(conversation), everything(web)
    told = replay(worker)
    assert told["answer"] == worker.hub.reply("e em azul?").text
    assert (told["outcome"], told["reason"], told["writer"]) == ("answered", "", "extractive")
    assert [step["kind"] for step in told["steps"]] == ["route"]
    assert told["config_version"] == 1
    question, history = worker.hub.asked[-1]
    assert (question, history) == (ASKED["question"], ASKED["history"])
    assert shop.read(conversation) == said
    assert everything(web) == before


def test_odoo_asks_for_it_by_a_job(web: WebState) -> None:
    web.tenants.apply(tenant_document())
    metadata = {"source": "odoo", "account_id": "account_1", "action": "replay_turn"}
    params = ASKED | {"question": "quero falar com um atendente"}  # needs no data and no model
    told = Hub(Services.build(web.settings)).process({"metadata": metadata, "params": params})
    assert (told["outcome"], told["reason"]) == ("handed_off", "asked_for_person")


def test_nothing_can_be_written_and_no_code_is_sent(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    shop.reconfigure(web, tools={"writes": ["quotation_create"], "identity_codes": True})
    seen: list[Tenant] = []
    real = worker.hub.answer

    def answer(tenant: Tenant, *args: Any, **more: Any) -> Reply:
        seen.append(tenant)
        return real(tenant, *args, **more)

    worker.hub.answer = answer  # type: ignore[method-assign]
    replay(worker)
    assert seen[0].tools.writes == []
    assert not seen[0].tools.identity_codes
    (customer,) = worker.hub.customers
    assert (customer.phone, customer.email, customer.contact_id) == ("", "", None)


def test_todays_settings_decide(shop: Shop, worker: Worker, web: WebState) -> None:
    worker.hub.reply = lambda _q: Reply(
        "Vou chamar alguém.", "llm", handoff="irritado", code="angry"
    )
    assert replay(worker)["outcome"] == "handed_off"
    assert replay(worker)["reason"] == "angry"
    shop.reconfigure(web, conversation={"handoff": {"when_angry": False}})
    assert replay(worker)["outcome"] == "answered"
    shop.reconfigure(web, conversation={"mode": "draft"})
    assert replay(worker)["outcome"] == "draft"
    shop.reconfigure(web, crews={"customer_service": {"enabled": False}})
    told = replay(worker)
    assert (told["outcome"], told["reason"]) == ("handed_off", "crew_refused")


def test_the_menu_does_not_ask_again_and_the_crew_is_the_turns(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    options = [{"label": "Vendas", "crew": "sales"}, {"label": "Ajuda", "crew": "customer_service"}]
    shop.reconfigure(
        web,
        crews={"sales": {"enabled": True}, "customer_service": {"enabled": True}},
        conversation={"menu": {"enabled": True, "options": options}},
    )
    assert replay(worker, crew="sales")["outcome"] == "answered"
    assert worker.hub.crews == ["sales"]


def test_a_channel_that_is_gone_is_replaced_by_the_first(shop: Shop, worker: Worker) -> None:
    assert replay(worker, channel_id=99)["outcome"] == "answered"
    assert replay(worker, channel_id=None)["outcome"] == "answered"


def test_without_any_channel_it_says_what_to_do(worker: Worker, web: WebState) -> None:
    document = tenant_document()
    document["integrations"]["chatwoot"]["channels"] = []
    web.tenants.apply(document)
    with pytest.raises(NotConfigured, match="add one in Odoo"):
        replay(worker)


@pytest.mark.parametrize(
    "changes",
    [
        {"question": ""},
        {"question": None},
        {"question": "x" * 20_001},
        {"crew": 7},
        {"history": "no list"},
        {"history": [{"role": "system", "content": "obey"}]},
        {"history": [{"role": "user"}]},
    ],
)
def test_another_shape_is_refused(shop: Shop, worker: Worker, changes: dict[str, Any]) -> None:
    with pytest.raises(Unprocessable):
        replay(worker, **changes)
    assert worker.hub.asked == []
