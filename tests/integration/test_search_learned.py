"""A word the shop does not know is learned from what people choose, through the Hub's own door."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from sidecar.errors import NotFound, Unprocessable
from sidecar.hub.hub import Hub
from sidecar.hub.services import Services
from sidecar.settings import Settings
from tests.documents import tenant_document
from tests.doubles.odoo import OdooDouble
from tests.furniture import furniture
from tests.vectors_process import KEY, VectorsProcess


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("learned") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    with OdooDouble(products=furniture()) as double:
        yield double


@pytest.fixture
def named(settings: Settings, vectors: VectorsProcess) -> Settings:
    changes = {"qdrant_url": vectors.url, "qdrant_api_key": SecretStr(KEY)}
    return settings.model_copy(update=changes)


@pytest.fixture
def hub(named: Settings, odoo: OdooDouble) -> Hub:
    services = Services.build(named)
    document = tenant_document()
    document["integrations"]["mcp"]["config"] = odoo.config()
    document["integrations"]["control"] = {"config": odoo.config()}
    services.tenants.apply(document)
    services.credentials.replace("account_1", {"odoo_api_key": odoo.api_key})
    made = Hub(services)
    made.process(envelope("sync_products"))
    return made


def envelope(action: str, **params: Any) -> dict[str, Any]:
    metadata = {"source": "odoo", "account_id": "account_1", "action": action}
    return {"metadata": metadata, "params": params}


def found(hub: Hub, query: str) -> list[str]:
    params = {"query": query, "filters": {"availability": "any"}}
    answer = hub.process(envelope("search_products", **params))
    return [product["name"] for product in answer["products"]]


def choose(hub: Hub, query: str, product: int, person: str) -> bool:
    choice = {"query": query, "product_id": product, "person": person}
    return hub.process(envelope("product_chosen", **choice))["learned"]


def test_what_people_choose_is_found_by_their_word(hub: Hub, named: Settings) -> None:
    mattress = next(p for p in furniture() if p["category"].endswith("Colchões"))
    assert found(hub, "dormidouro") == []
    for person in ("user 7", "user 8", "user 9"):
        assert choose(hub, "quero um dormidouro", mattress["id"], person)
    fresh = Hub(Services.build(named))  # another process, without the first one's memory
    names = found(fresh, "um dormidouro bom")
    assert names
    kinds = {p["name"]: p["category"] for p in furniture()}
    assert {kinds[name] for name in names} == {mattress["category"]}


def test_another_shops_product_teaches_nothing(hub: Hub) -> None:
    with pytest.raises(NotFound):
        choose(hub, "dormidouro", 987654, "user 7")


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"query": "x", "product_id": 0, "person": "a"},
        {"query": "", "product_id": 1, "person": "a"},
        {"query": "x", "product_id": 1, "person": ""},
        {"query": "x", "product_id": 1, "person": "a", "more": 1},
    ],
)
def test_choices_that_are_none_are_refused(hub: Hub, params: dict[str, Any]) -> None:
    with pytest.raises(Unprocessable, match=r"params\."):
        hub.process(envelope("product_chosen", **params))
