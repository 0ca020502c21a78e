"""The conversation crew with a model: invented prices are mended, its word for a person obeyed."""

from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.crews.conversation import ConversationCrew
from sidecar.crews.definition import build
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.llm.gateway import LlmGateway
from sidecar.settings import Settings
from sidecar.tenants.schema import parse_tenant
from tests.documents import tenant_document
from tests.doubles.openai_api import OpenAIDouble
from tests.facts import product_facts

SETTINGS = Settings(_env_file=None)
TENANT = parse_tenant(tenant_document())


class OneProduct:
    """An ERP with product 5."""

    name = "odoo"

    def product_facts(self, ids: list[int], lang: str | None = None) -> list[dict[str, Any]]:
        return [product_facts()] if ids == [5] else []


@pytest.fixture
def double() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


def crew(double: OpenAIDouble) -> ConversationCrew:
    gateway = LlmGateway(double.url, double.key, "gpt-4o-mini", 5, 500)
    proxy = DataProxyAgent(TENANT.context, OneProduct(), None)  # type: ignore[arg-type]
    return ConversationCrew(build(TENANT, "customer_service"), TENANT, proxy, gateway, SETTINGS)


def test_an_invented_price_is_repaired_once_and_then_replaced(double: OpenAIDouble) -> None:
    answers = iter(["Custa R$ 1.234,00!", "Temos sim, é só chamar."])
    double.brain = lambda _body: next(answers)
    reply = crew(double).answer("tem sofá?", [])
    assert (reply.writer, reply.text) == ("llm", "Temos sim, é só chamar.")
    double.brain = lambda _body: "Custa R$ 1.234,00!"
    reply = crew(double).answer("tem sofá?", [])
    assert reply.writer == "extractive"
    assert "1.234" not in reply.text


def test_the_models_word_for_a_person_hands_off(double: OpenAIDouble) -> None:
    double.brain = lambda _body: "[HUMANO] Vou chamar alguém."
    reply = crew(double).answer("isso está complicado", [])
    assert (reply.text, bool(reply.handoff)) == ("Vou chamar alguém.", True)
