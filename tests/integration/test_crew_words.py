"""What the tenant says about its agents reaches the model, in the crew that was asked for."""

from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.crews.conversation import ConversationCrew
from sidecar.crews.definition import build
from sidecar.crews.product_management import ProductManagementCrew
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.erp.base import Declines
from sidecar.llm.gateway import LlmGateway
from sidecar.settings import Settings
from sidecar.tenants.schema import parse_tenant
from tests.documents import tenant_document
from tests.doubles.openai_api import OpenAIDouble
from tests.facts import product_facts

SETTINGS = Settings(_env_file=None)
AGENT = {
    "name": "lia-noturna",
    "role": "Guardiã do {balcão}",
    "goal": "Fazer a pessoa sorrir",
    "backstory": "Nasceu em uma feira de móveis {usados}.",
}


class Erp(Declines):
    name = "odoo"

    def product_facts(self, ids: list[int], lang: str | None = None) -> list[dict[str, Any]]:
        return [product_facts(id=i) for i in ids]


@pytest.fixture
def double() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


def told(double: OpenAIDouble) -> str:
    request = double.requests[0]
    return "\n".join(m["content"] for m in request["body"]["messages"] if m["role"] == "system")


def means(double: OpenAIDouble, crew: str, agents: list[dict[str, Any]], language: str) -> tuple:
    tenant = parse_tenant(tenant_document(language=language, crews={crew: {"agents": agents}}))
    proxy = DataProxyAgent(tenant.context, Erp(), None)  # type: ignore[arg-type]
    gateway = LlmGateway(double.url, double.key, "gpt-4o-mini", 5, 500)
    return build(tenant, crew), tenant, proxy, gateway, SETTINGS


@pytest.mark.parametrize("crew", ["customer_service", "sales", "analytics"])
def test_the_first_agents_words_reach_the_model(double: OpenAIDouble, crew: str) -> None:
    double.brain = lambda _body: "Claro!"
    agents = [AGENT, {"name": "outro", "role": "Silencioso"}]
    reply = ConversationCrew(*means(double, crew, agents, "pt_BR")).answer("oi, tudo bem?", [])
    assert (reply.text, reply.writer) == ("Claro!", "llm")
    words = told(double)
    for value in AGENT.values():
        assert value in words
    assert "Silencioso" not in words
    assert "Casa Teste" in words


@pytest.mark.parametrize(
    ("crew", "language", "words"),
    [
        ("customer_service", "pt_BR", "Atendente da loja"),
        ("sales", "pt_BR", "Consultor de vendas"),
        ("sales", "en_US", "Sales consultant"),
        ("analytics", "pt_BR", "não com clientes"),
        ("analytics", "en_US", "not to customers"),
    ],
)
def test_without_words_of_its_own_a_crew_speaks_as_the_sidecar_defines(
    double: OpenAIDouble, crew: str, language: str, words: str
) -> None:
    double.brain = lambda _body: "Ok"
    ConversationCrew(*means(double, crew, [], language)).answer("oi, tudo bem?", [])
    assert words in told(double)


def test_the_product_writers_words_reach_the_model(double: OpenAIDouble) -> None:
    double.brain = lambda _body: "not json"
    crew = ProductManagementCrew(*means(double, "product_management", [AGENT], "pt_BR"))
    assert crew.generate_description({"product_id": 5})["writer"] == "extractive"
    words = told(double)
    for key in ("role", "goal", "backstory"):
        assert AGENT[key] in words
