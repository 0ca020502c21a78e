"""A model enriches what is searched; what it invents is refused, and its failures cost nothing."""

import json
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from sidecar.context import TenantContext
from sidecar.embedding_agents.product_mass import SearchTextWriter
from sidecar.llm.gateway import LlmGateway
from sidecar.search.embeddings.cache import RedisCache
from sidecar.search.service import SearchService
from sidecar.settings import Settings
from sidecar.store.connection import cache_store
from tests.doubles.openai_api import DEFAULT_KEY, OpenAIDouble
from tests.facts import product_facts
from tests.furniture import furniture
from tests.vectors_process import KEY, VectorsProcess


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("texts") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture
def double() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


@pytest.fixture
def gateway(double: OpenAIDouble) -> LlmGateway:
    return LlmGateway(double.url, DEFAULT_KEY, "gpt-4o-mini", 5, 500)


@pytest.fixture
def writer(settings: Settings, gateway: LlmGateway) -> SearchTextWriter:
    return SearchTextWriter(gateway, RedisCache(cache_store(settings)), "pt_BR", "account_1", 5)


def asked(double: OpenAIDouble) -> list[str]:
    return [
        call["body"]["messages"][0]["content"] for call in double.requests if "chat" in call["path"]
    ]


def test_texts_come_in_batches_and_are_remembered(writer, double):
    facts = [product_facts(id=n, name=f"Sofá {n}") for n in range(1, 26)]
    answers = [
        json.dumps({str(n): f"estofado, sala, visita {n}" for n in range(start, start + 10)})
        for start in (1, 11, 21)
    ]
    double.script(*answers)
    written = writer.write(facts)
    assert len(written) == 25
    assert written[7] == "estofado, sala, visita 7"
    assert len(asked(double)) == 3
    assert "pt_BR" in asked(double)[0]
    assert "PRODUTOS" in asked(double)[0]
    assert writer.write(facts) == written
    assert len(asked(double)) == 3


def test_prices_stock_and_codes_are_not_told(writer, double):
    double.script("{}")
    writer.write([product_facts(price=4321.0, available=77.0, default_code="XYZ-99")])
    (prompt,) = asked(double)
    assert not any(secret in prompt for secret in ("4321", "77", "XYZ"))


@pytest.mark.parametrize(
    "answer",
    [
        "no JSON",
        "[]",
        json.dumps({"5": "sofá de 7 lugares"}),  # a figure the facts do not have
        json.dumps({"5": ["x"]}),
        json.dumps({"6": "another product's"}),
    ],
)
def test_what_cannot_be_believed_is_left_out(writer, double, answer):
    double.script(answer)
    assert writer.write([product_facts()]) == {}


def test_a_figure_of_the_facts_may_be_said(writer, double):
    double.script("```json\n" + json.dumps({"5": "estofado de 3 lugares"}) + "\n```")
    assert writer.write([product_facts()]) == {5: "estofado de 3 lugares"}


def test_a_failing_model_is_asked_once_and_costs_nothing_else(writer, double):
    double.fail(status=500, path="chat")
    facts = [product_facts(id=n, name=f"Sofá {n}") for n in range(1, 31)]
    assert writer.write(facts) == {}
    assert len(asked(double)) <= 1


def test_a_product_is_found_by_what_the_model_said_of_it(
    settings, vectors, gateway, double
) -> None:
    named = {"qdrant_url": vectors.url, "qdrant_api_key": SecretStr(KEY)}
    service = SearchService(settings.model_copy(update=named))
    context = TenantContext("account_1", 1, "pt_BR", "UTC", "BRL", collection="told")
    facts = furniture()[:3]
    double.fail(status=500, path="chat")
    service.indexer(context, gateway).sync(facts, complete=True)
    search = service.hybrid(context)
    assert search.search("chamego aconchegante") == []

    # the model is there again: what it failed on is tried again, and only that
    double.script(json.dumps({str(f["id"]): "chamego aconchegante" for f in facts[:2]}))
    report = service.indexer(context, gateway).sync(facts, complete=True)
    assert report["upserted"] == 3
    assert {hit.product_id for hit in search.search("chamego aconchegante")} == {1, 2}
    told = search.store.payloads(["text", "enriched"])
    assert told[1]["enriched"] == "chamego aconchegante"
    assert "chamego" in told[1]["text"]
    double.script(json.dumps({"3": "chamego"}))
    third = service.indexer(context, gateway).sync(facts, complete=True)
    assert (third["upserted"], third["unchanged"]) == (1, 2)
    assert service.indexer(context, gateway).sync(facts, complete=True)["upserted"] == 0
