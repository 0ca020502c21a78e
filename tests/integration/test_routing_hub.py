"""The Hub sends each action to its crew, with the crew's definition, or says why not."""

from typing import Any

import pytest

from sidecar.errors import CrewDisabled, Unprocessable
from sidecar.hub.hub import Hub
from sidecar.hub.routing import CrewUnfit
from sidecar.hub.services import Services
from sidecar.settings import Settings
from sidecar.store import keys
from tests.documents import tenant_document


@pytest.fixture
def hub(settings: Settings) -> Hub:
    services = Services.build(settings)
    services.credentials.replace("account_1", {"odoo_api_key": "k" * 20})
    return Hub(services)


def chat(text: str, action: str = "chat", source: str = "cli") -> dict[str, Any]:
    metadata = {"source": source, "account_id": "account_1", "action": action}
    return {"metadata": metadata, "params": {"text": text}}


def test_a_question_reaches_the_crew_and_its_definition_is_kept(hub: Hub) -> None:
    hub.services.tenants.apply(tenant_document())
    for _ in range(2):
        result = hub.process(chat("quero falar com um atendente"))
        assert result["handoff"] == "o cliente pediu uma pessoa"
    assert (hub.definitions.hits, hub.definitions.misses) == (1, 1)
    assert hub.services.store.exists(keys.crew("account_1", "customer_service"))


@pytest.mark.parametrize("crew", ["sales", "analytics"])
def test_the_other_crews_that_talk_answer_too(hub: Hub, crew: str) -> None:
    tenant = hub.services.tenants.apply(tenant_document(crews={crew: {"enabled": True}}))
    assert hub.answer(tenant, crew, "quero falar com um atendente", []).handoff


def test_a_crew_that_may_not_work_is_named(hub: Hub) -> None:
    crews = {"marketplace": {"enabled": True}, "product_management": {"enabled": True}}
    tenant = hub.services.tenants.apply(tenant_document(crews=crews))
    with pytest.raises(CrewDisabled, match="Crew customer_service is not enabled for"):
        hub.process(chat("oi"))
    for crew in crews:
        with pytest.raises(CrewUnfit, match=crew):
            hub.answer(tenant, crew, "oi", [])
    with pytest.raises(Unprocessable, match="Unknown action 'fly'"):
        hub.process(chat("oi", action="fly"))
    with pytest.raises(Unprocessable, match="No crew serves the action"):
        hub.process(chat("", action="sync_config", source="odoo"))  # the door itself does it
