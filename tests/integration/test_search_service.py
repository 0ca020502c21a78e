"""Search as the settings say: the model a tenant gets, the API of embeddings, the cache."""

from collections.abc import Iterator

import numpy as np
import pytest
from pydantic import SecretStr

from sidecar.context import TenantContext
from sidecar.errors import TooManyRequests, Unavailable, UpstreamError, UpstreamRefused
from sidecar.search.embeddings.openai_api import OpenAIEmbedder
from sidecar.search.service import SearchService
from sidecar.settings import Settings
from tests.doubles.openai_api import DEFAULT_KEY, OpenAIDouble
from tests.facts import product_facts
from tests.furniture import furniture
from tests.vectors_process import KEY, VectorsProcess

MODEL = "text-embedding-3-small"


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("service") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture
def double() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


@pytest.fixture
def configured(settings: Settings, vectors: VectorsProcess) -> Settings:
    keys = {"qdrant_url": vectors.url, "qdrant_api_key": SecretStr(KEY)}
    return settings.model_copy(update=keys)


def with_api(settings: Settings, double: OpenAIDouble) -> Settings:
    keys = {"llm_base_url": double.url, "llm_api_key": SecretStr(DEFAULT_KEY)}
    return settings.model_copy(update=keys)


def context(language: str, collection: str) -> TenantContext:
    return TenantContext("account_1", 1, language, "UTC", "BRL", collection=collection)


def embeddings_asked(double: OpenAIDouble) -> list[list[str]]:
    return [call["body"]["input"] for call in double.requests if "embeddings" in call["path"]]


def test_english_without_a_key_searches_by_meaning(configured: Settings) -> None:
    service, tenant = SearchService(configured), context("en_US", "english")
    texts = ["Moisturizing face cream", "Matte lipstick", "Hair dryer", "Nail file", "Perfume"]
    facts = [
        product_facts(id=n, name=text, category="", sale_text="", attributes=[], tags=[])
        for n, text in enumerate(texts, 1)
    ]
    report = service.indexer(tenant).sync(facts, complete=True)
    assert report["embedded"] == 5
    hits = service.hybrid(tenant).search("lotion for dry skin")
    assert hits[0].product_id == 1
    assert hits[0].why == ("meaning",)


def test_words_weighed_by_attention(configured: Settings) -> None:
    service = SearchService(configured.model_copy(update={"sparse_model": "bm42"}))
    tenant = context("en_US", "attentive")
    facts = [
        product_facts(id=n, name=name, category="", sale_text="", attributes=[], tags=[])
        for n, name in enumerate(["Walnut desk", "Desk lamp", "Nail file"], 1)
    ]
    assert service.indexer(tenant).sync(facts, complete=True)["upserted"] == 3
    assert service.hybrid(tenant).search("lamp")[0].why == ("name: lamp",)
    assert service.indexer(tenant).sync(facts, complete=True)["unchanged"] == 3
    # the other way of weighing writes all points anew
    plain = SearchService(configured).indexer(tenant)
    assert plain.sync(facts, complete=True)["upserted"] == 3


def test_portuguese_without_a_key_searches_by_words(configured: Settings) -> None:
    service, tenant = SearchService(configured), context("pt_BR", "portuguese")
    assert service.indexer(tenant).sync(furniture(), complete=True)["embedded"] == 0
    assert service.hybrid(tenant).search("sofás")


def test_an_api_embeds_in_few_calls_and_never_twice(
    configured: Settings, double: OpenAIDouble
) -> None:
    service = SearchService(with_api(configured, double))
    many = [product_facts(id=n, name=f"Produto {n}") for n in range(1, 1001)]
    service.indexer(context("pt_BR", "first")).sync(many, complete=True)
    assert len(embeddings_asked(double)) <= 10
    assert sum(map(len, embeddings_asked(double))) == 1000
    double.requests.clear()
    service.indexer(context("pt_BR", "second")).sync(many, complete=True)
    assert embeddings_asked(double) == []


def test_without_redis_search_is_only_slower(configured: Settings, double: OpenAIDouble) -> None:
    away = with_api(configured, double).model_copy(
        update={"cache_url": SecretStr("redis://127.0.0.1:1/0")}
    )
    service, tenant = SearchService(away), context("pt_BR", "uncached")
    service.indexer(tenant).sync(furniture(), complete=True)
    assert service.hybrid(tenant).search("sofá de canto")[0].product_id == 3
    assert service.hybrid(tenant).search("sofá de canto")[0].product_id == 3


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ({"status": 401}, UpstreamRefused),
        ({"status": 429}, TooManyRequests),
        ({"status": 500}, Unavailable),
        ({"status": 0}, Unavailable),
        ({"status": 400}, UpstreamError),
    ],
)
def test_failures_of_the_api_have_names(double, failure, error):
    embedder = OpenAIEmbedder(double.url, DEFAULT_KEY, MODEL, timeout=5)
    for _ in range(2):  # the client tries once more
        double.fail(path="embeddings", **failure)
    with pytest.raises(error) as raised:
        embedder.embed(["mesa"])
    assert type(raised.value) is error
    assert DEFAULT_KEY not in str(raised.value)


def test_a_slow_api_costs_the_dense_half_only(configured: Settings, double: OpenAIDouble) -> None:
    service, tenant = SearchService(with_api(configured, double)), context("pt_BR", "failing")
    service.indexer(tenant).sync(furniture(), complete=True)
    for _ in range(2):
        double.fail(path="embeddings", status=500)
    assert service.hybrid(tenant).search("cadeira gamer")[0].product_id == 21


def test_vectors_are_directions_of_the_models_length(double: OpenAIDouble) -> None:
    embedder = OpenAIEmbedder(double.url, DEFAULT_KEY, MODEL, timeout=5)
    rows = embedder.embed(["mesa", "", "x" * 50_000])
    assert rows.shape == (3, embedder.dimension)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert max(len(text) for text in embeddings_asked(double)[0]) == 20_000


def test_an_unknown_models_dimension_is_asked_for_once(double: OpenAIDouble) -> None:
    embedder = OpenAIEmbedder(double.url, DEFAULT_KEY, "house-model", timeout=5)
    assert embedder.dimension == embedder.dimension == 1536
    assert len(embeddings_asked(double)) == 1
