"""Odoo's products and the index, over real sockets: synced, compared, searched, read."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from sidecar.embedding_agents.product_description import search_text
from sidecar.errors import SidecarError, Unavailable, Unprocessable, UpstreamError
from sidecar.hub import products
from sidecar.hub.hub import Hub
from sidecar.hub.jobs import JobStore, job_queue
from sidecar.hub.products import INDEX, ProductDesk
from sidecar.hub.runner import JobRunner
from sidecar.hub.services import Services
from sidecar.search.store import ProductStore
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.work import WorkQueue
from tests.documents import tenant_document
from tests.doubles.odoo import OdooDouble
from tests.facts import product_facts
from tests.furniture import furniture
from tests.vectors_process import KEY, VectorsProcess


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("sync") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    with OdooDouble(products=furniture()) as double:
        yield double


@pytest.fixture
def hub(settings: Settings, vectors: VectorsProcess, odoo: OdooDouble) -> Hub:
    for collection in vectors.client().get_collections().collections:
        vectors.client().delete_collection(collection.name)
    changes = {"qdrant_url": vectors.url, "qdrant_api_key": SecretStr(KEY)}
    services = Services.build(settings.model_copy(update=changes))
    document = tenant_document()
    document["integrations"]["mcp"]["config"] = odoo.config()
    document["integrations"]["control"] = {"config": odoo.config()}
    services.tenants.apply(document)
    services.credentials.replace("account_1", {"odoo_api_key": odoo.api_key})
    return Hub(services)


def envelope(action: str, **params: Any) -> dict[str, Any]:
    metadata = {"source": "odoo", "account_id": "account_1", "action": action}
    return {"metadata": metadata, "params": params}


def index(hub: Hub) -> ProductStore:
    return hub.services.search.hybrid(hub.services.tenants.get("account_1").context).store


def held(hub: Hub) -> set[int]:
    return set(index(hub).payloads([]))


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    return tuple(result[name] for name in ("total", "upserted", "deleted", "unchanged"))


def test_a_full_sync_tells_points_hashes_and_progress(hub: Hub) -> None:
    told: list[tuple[int, int]] = []
    result = hub.process(envelope("sync_products"), lambda *seen: told.append(seen))
    assert counts(result) == (62, 62, 0, 0)
    store = index(hub)
    assert result["points"] == {str(i): store.point_id(i) for i in held(hub)}
    kept = store.payloads(["hash"])
    assert result["hashes"] == {str(i): kept[i]["hash"][:16] for i in kept}
    assert told[0] == (0, 62)
    assert told[-1] == (62, 62)
    assert counts(hub.process(envelope("sync_products"))) == (62, 0, 0, 62)


def test_a_batch_touches_nothing_else_and_removes_what_is_gone(hub: Hub, odoo: OdooDouble) -> None:
    hub.process(envelope("sync_products"))
    gone, archived, changed = odoo.products[0], odoo.products[1], odoo.products[2]
    odoo.products = [
        *({**p, "active": p["id"] != archived["id"]} for p in odoo.products[1:]),
        product_facts(id=999, name="Novo"),
    ]
    odoo.products[1]["name"] = "Nome trocado"
    ids = [gone["id"], archived["id"], changed["id"], 999]
    result = hub.process(envelope("sync_products", product_ids=ids))
    assert result["deleted"] == 2
    assert set(result["points"]) == {str(changed["id"]), "999"} == set(result["hashes"])
    assert held(hub) & set(ids) == {changed["id"], 999}
    assert len(held(hub)) == 61


def test_a_thousand_changed_products_cost_few_calls(hub: Hub, odoo: OdooDouble) -> None:
    odoo.products = [product_facts(id=n, name=f"Cadeira {n}") for n in range(1, 1001)]
    odoo.calls.clear()
    result = hub.process(envelope("sync_products", product_ids=list(range(1, 1001))))
    assert len(result["points"]) == 1000
    assert len(odoo.calls) <= 4


@pytest.mark.parametrize("action", ["sync_products", "reconcile_products"])
def test_an_outage_of_the_erp_deletes_nothing(hub: Hub, odoo: OdooDouble, action: str) -> None:
    hub.process(envelope("sync_products"))
    before = held(hub)
    odoo.fail = 503
    with pytest.raises(SidecarError):
        hub.process(envelope(action))
    odoo.fail = 0
    odoo.down()
    with pytest.raises(Unavailable):
        hub.process(envelope(action))
    assert held(hub) == before


@pytest.mark.parametrize("action", ["sync_products", "reconcile_products"])
def test_an_outage_in_the_middle_of_the_list_deletes_nothing(
    hub: Hub, odoo: OdooDouble, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    hub.process(envelope("sync_products"))
    before = held(hub)
    monkeypatch.setattr(products, "_PAGE", 20)
    listed = odoo._product_ids

    def fails_later(after_id: int = 0, limit: int = 500) -> list[int]:
        if after_id >= 40:
            odoo.fail = 500
        return listed(after_id, limit)

    monkeypatch.setattr(odoo, "_product_ids", fails_later)
    with pytest.raises(SidecarError):
        hub.process(envelope(action))
    odoo.fail = 0
    assert held(hub) == before


@pytest.mark.parametrize("action", ["sync_products", "reconcile_products"])
def test_products_that_were_listed_and_not_told_are_not_deleted(
    hub: Hub, odoo: OdooDouble, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    hub.process(envelope("sync_products"))
    before = held(hub)
    told = odoo._product_facts
    monkeypatch.setattr(odoo, "_product_facts", lambda ids, lang=None: told(ids[:10], lang))
    assert hub.process(envelope(action))["deleted"] == 0
    assert held(hub) == before


def test_a_list_that_goes_round_in_circles_ends(
    hub: Hub, odoo: OdooDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(odoo, "_product_ids", lambda after_id=0, limit=500: [1, 2, 3])
    with pytest.raises(UpstreamError, match="out of order"):
        hub.process(envelope("sync_products"))


def test_the_comparison_repairs_both_directions(hub: Hub, odoo: OdooDouble) -> None:
    hub.process(envelope("sync_products"))
    store = index(hub)
    store.delete([odoo.products[0]["id"], odoo.products[1]["id"]])  # the index lost two
    store.change_payloads({odoo.products[2]["id"]: {"hash": "0" * 64}})  # one is not as it was
    odoo.products = [p for p in odoo.products if p["id"] != odoo.products[3]["id"]]  # one is gone
    odoo.products[-1]["price"] = 1.0  # nobody told about one
    result = hub.process(envelope("reconcile_products"))
    assert [result[name] for name in ("missing", "outdated", "orphans")] == [2, 2, 1]
    assert held(hub) == {p["id"] for p in odoo.products}
    assert set(result["points"]) == {str(p["id"]) for p in odoo.products}
    again = hub.process(envelope("reconcile_products"))
    assert [again[name] for name in ("missing", "outdated", "orphans")] == [0, 0, 0]


def test_the_comparison_starts_from_an_empty_house(hub: Hub) -> None:
    result = hub.process(envelope("reconcile_products"))
    assert [result[name] for name in ("missing", "outdated", "orphans")] == [62, 0, 0]


def test_only_one_job_writes_an_index_at_a_time(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = WorkQueue(hub.services.store, INDEX, hub.services.settings.lease_ttl)
    lease = queue.acquire("account_1")
    assert lease is not None
    monkeypatch.setattr(products, "_PATIENCE", 0.1)
    with lease:
        with pytest.raises(Unavailable, match="Another job"):
            hub.process(envelope("sync_products"))
        assert hub.process(envelope("search_products", query="sofá"))["products"] == []
    monkeypatch.setattr(products, "_PATIENCE", 10.0)
    lease = queue.acquire("account_1")
    assert lease is not None
    with lease:
        thread = threading.Thread(target=lambda: hub.process(envelope("sync_products")))
        thread.start()
        time.sleep(0.3)
        assert thread.is_alive()
    thread.join(timeout=20)
    assert len(held(hub)) == 62


def test_a_lost_lease_is_a_failure_that_is_tried_again(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = ProductDesk(hub.services, hub.services.tenants.get("account_1"))
    written = desk._written

    def interrupted(*arguments: Any, **options: Any) -> dict[str, Any]:
        hub.services.store.set(keys.lease(INDEX, "account_1"), "somebody else")
        return written(*arguments, **options)

    monkeypatch.setattr(desk, "_written", interrupted)
    with pytest.raises(Unavailable, match="may have written"):
        desk.sync({})


@pytest.mark.parametrize("ids", ["5", [0], [True], ["5"], [-1], {"5": 1}])
def test_ids_that_are_none_are_refused(hub: Hub, ids: Any) -> None:
    with pytest.raises(Unprocessable, match="product_ids"):
        hub.process(envelope("sync_products", product_ids=ids))


def test_the_search_box_finds_live_products_with_reasons(hub: Hub, odoo: OdooDouble) -> None:
    hub.process(envelope("sync_products"))
    result = hub.process(envelope("search_products", query="sofá de 3 lugares", limit=3))
    first = result["products"][0]
    assert first["name"].startswith("Sofá")
    assert first["why"]
    assert len(result["products"]) <= 3
    assert isinstance(result["took_ms"], int)
    for product in odoo.products:
        product.update(in_stock=False, available=0.0)
    wanted = {"query": "sofá de 3 lugares", "filters": {"availability": "in_stock"}}
    names = [p["id"] for p in hub.process(envelope("search_products", **wanted))["products"]]
    assert first["id"] not in names
    wanted["filters"] = {"availability": "any", "max_price": 100000}
    assert hub.process(envelope("search_products", **wanted))["products"][0]["id"] == first["id"]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"query": ""},
        {"query": "x" * 501},
        {"query": "sofá", "limit": 0},
        {"query": "sofá", "limit": 51},
        {"query": "sofá", "filters": {"cost": 5}},
        {"query": "sofá", "filters": {"availability": "all"}},
        {"query": "sofá", "account_id": "account_2"},
    ],
)
def test_questions_that_are_none_are_refused(hub: Hub, params: dict[str, Any]) -> None:
    with pytest.raises(Unprocessable, match=r"params\."):
        hub.process(envelope("search_products", **params))


def test_the_text_is_what_the_index_holds(hub: Hub, odoo: OdooDouble) -> None:
    product = odoo.products[0]
    asked = envelope("product_text", product_id=product["id"])
    missing = {"product_id": product["id"], "indexed": False, "text": ""}
    assert hub.process(asked) == missing  # no collection yet
    hub.process(envelope("sync_products"))
    told = hub.process(asked)
    assert told == {
        "product_id": product["id"],
        "indexed": True,
        "text": search_text(product).whole,
    }
    assert hub.process(envelope("product_text", product_id=12345))["indexed"] is False
    for wrong in (None, "1", True, 0):
        with pytest.raises(Unprocessable):
            hub.process(envelope("product_text", product_id=wrong))


def test_another_tenant_neither_sees_nor_loses_anything(hub: Hub, odoo: OdooDouble) -> None:
    hub.process(envelope("sync_products"))
    with OdooDouble(account_id="account_2", products=[product_facts(id=1, name="Cadeira")]) as two:
        other = tenant_document("account_2", company_id=3)
        other["integrations"]["mcp"]["config"] = two.config()
        other["integrations"].pop("chatwoot")
        hub.services.tenants.apply(other)
        hub.services.credentials.replace("account_2", {"odoo_api_key": two.api_key})
        desk = ProductDesk(hub.services, hub.services.tenants.get("account_2"))
        assert desk.text({"product_id": 1})["indexed"] is False
        assert counts(desk.reconcile()) == (1, 1, 0, 0)
        assert "Cadeira" in desk.text({"product_id": 1})["text"]
        found = desk.search({"query": "sofá", "filters": {"availability": "any"}})
        assert {p["id"] for p in found["products"]} <= {1}
    assert len(held(hub)) == 62


def test_a_job_tells_its_progress_while_it_runs_and_its_end_afterwards(
    hub: Hub, odoo: OdooDouble
) -> None:
    settings, store = hub.services.settings, hub.services.store
    jobs = JobStore(store, settings)
    job = jobs.accept("account_1", "reindex-1", envelope("sync_products"))
    seen: list[dict[str, Any]] = []
    tell = jobs.tell_progress

    def told(running: Any, done: int, total: int) -> None:
        tell(running, done, total)
        seen.append(jobs.get("account_1", "reindex-1").public())

    jobs.tell_progress = told  # type: ignore[method-assign]
    lease = job_queue(store, settings).acquire("account_1|reindex-1")
    assert lease is not None
    with lease:
        JobRunner(hub, jobs).work(lease)
    assert seen[0]["progress"] == {"done": 0, "total": 62}
    assert seen[-1]["progress"] == {"done": 62, "total": 62}
    assert {one["state"] for one in seen} == {"running"}
    ended = jobs.get("account_1", job.job_id).public()
    assert ended["state"] == "done"
    assert "progress" not in ended
    state, result, _error = odoo.job_results["reindex-1"]
    assert (state, len(result["points"])) == ("done", 62)
