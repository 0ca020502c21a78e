"""Odoo is stopped: webhooks are still verified, and the conversation still reaches a person."""

import json

import pytest

from sidecar.hub.conversation import ConversationDesk
from sidecar.hub.hub import Hub
from sidecar.hub.mailbox import Mailbox
from sidecar.hub.services import Services
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.documents import TOKEN
from tests.doubles.odoo import OdooDouble
from tests.facts import product_facts
from tests.integration.conftest import Shop, Worker


@pytest.fixture
def desk(settings: Settings, web: WebState, shop: Shop, worker: Worker) -> Worker:
    """A worker with the real Hub: its crew reads an Odoo that is stopped."""
    with OdooDouble(api_key="planted-odoo-key", products=[product_facts(id=5)]) as odoo:
        document = json.loads(web.tenants.get("account_1").model_dump_json())
        document["integrations"]["mcp"] = {"config": odoo.config()}
        web.tenants.apply(document, reset=True)
        kept = {
            ref: web.credentials.require("account_1", ref)
            for ref in ("hook_secret", "bot_token", "reading_token")
        }
        web.credentials.replace("account_1", kept | {"odoo_api_key": odoo.api_key})
        assert Services.build(settings).control(web.tenants.get("account_1")).ping()
    services = Services.build(settings)
    worker.desk = ConversationDesk(Hub(services), Mailbox(services.store, settings))
    return worker


def test_a_customer_is_handed_to_a_person(shop: Shop, desk: Worker, web: WebState) -> None:
    conversation = shop.start("tem sofá de 3 lugares?")
    desk.work_until(lambda: shop.read(conversation)["status"] == "open", 60)
    (answer,) = shop.answers(conversation)
    assert "pessoa da nossa equipe" in answer
    notes = [m for m in shop.read(conversation)["messages"] if m["private"]]
    assert len(notes) == 1
    assert web.store.llen(keys.alerts("account_1")) == 1


def test_the_door_still_tells_friend_from_foe(shop: Shop, desk: Worker, web: WebState) -> None:
    url = f"{web.settings.url_of_web()}/webhook/chatwoot/{TOKEN}"
    assert shop.session.post(url, data=b"{}", timeout=5).status_code == 401
    conversation = shop.start("quero falar com uma pessoa")
    desk.work_until(lambda: shop.read(conversation)["status"] == "open", 60)
    assert len(shop.answers(conversation)) == 1
    rows = web.audit.take("account_1")
    assert "webhook" in {row["operation"] for row in rows}  # kept until Odoo is back
