"""The product writer with a model: facts in, checked texts out, the extractive writer behind it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.crews.conversation import ConversationCrew
from sidecar.crews.definition import build
from sidecar.crews.product_management import ProductManagementCrew
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.errors import NotFound, Unprocessable
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

    def product_facts(self, ids: list[int], lang: str | None = None) -> list[dict[str, Any]]:
        return [product_facts()] if ids == [5] else []


@pytest.fixture
def double() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


def crew(
    double: OpenAIDouble, kind: Any = ProductManagementCrew, name: str = "product_management"
) -> Any:
    gateway = LlmGateway(double.url, double.key, "gpt-4o-mini", 5, 500)
    proxy = DataProxyAgent(TENANT.context, OneProduct(), None)  # type: ignore[arg-type]
    return kind(build(TENANT, name), TENANT, proxy, gateway, SETTINGS)


def texts(**changes: Any) -> str:
    told = {
        "short_description": "Um sofá de linho.",
        "description": "<p>Mede 220 x 90 cm.</p>",
        "key_features": ["Linho"],
        "use_cases": [],
        "tags": ["sala"],
    }
    return json.dumps(told | changes)


def test_the_models_text_is_taken_when_every_figure_is_a_fact(double: OpenAIDouble) -> None:
    double.brain = lambda _body: texts()
    result = crew(double).generate_description({"product_id": 5})
    assert (result["writer"], result["model"]) == ("llm", "gpt-4o-mini")
    assert result["short_description"] == "Um sofá de linho."
    assert result["input_tokens"] > 0
    (request,) = double.requests
    prompt = "\n".join(m["content"] for m in request["body"]["messages"])
    assert "Sofá Jacarandá" in prompt
    assert "2790" not in prompt  # a price changes; the writer is not told


@pytest.mark.parametrize(
    "answer",
    [texts(description="<p>Mede 250 cm, garantia de 5 anos.</p>"), "not json", "{}"],
)
def test_an_invented_figure_or_a_broken_answer_is_not_taken(
    double: OpenAIDouble, answer: str
) -> None:
    double.brain = lambda _body: answer
    result = crew(double).generate_description({"product_id": 5})
    assert result["writer"] == "extractive"
    assert "250" not in result["description"]


def test_wrong_parameters_and_foreign_products_are_named(double: OpenAIDouble) -> None:
    with pytest.raises(Unprocessable):
        crew(double).generate_description({"product_id": "x"})
    with pytest.raises(NotFound):
        crew(double).generate_description({"product_id": 6})


def test_an_invented_price_is_repaired_once_and_then_replaced(double: OpenAIDouble) -> None:
    answers = iter(["Custa R$ 1.234,00!", "Temos sim, é só chamar."])
    double.brain = lambda _body: next(answers)
    reply = crew(double, ConversationCrew, "customer_service").answer("tem sofá?", [])
    assert (reply.writer, reply.text) == ("llm", "Temos sim, é só chamar.")
    double.brain = lambda _body: "Custa R$ 1.234,00!"
    reply = crew(double, ConversationCrew, "customer_service").answer("tem sofá?", [])
    assert reply.writer == "extractive"
    assert "1.234" not in reply.text


def test_the_models_word_for_a_person_hands_off(double: OpenAIDouble) -> None:
    double.brain = lambda _body: "[HUMANO] Vou chamar alguém."
    reply = crew(double, ConversationCrew, "customer_service").answer("isso é um absurdo", [])
    assert (reply.text, bool(reply.handoff)) == ("Vou chamar alguém.", True)
