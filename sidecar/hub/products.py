"""What Odoo asks about a tenant's products in the index: keep them true, search them, show one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sidecar.data_proxy.agent import Availability, DataProxyAgent
from sidecar.erp.base import ProductFacts
from sidecar.errors import Unavailable, Unprocessable, UpstreamError
from sidecar.hub.services import Services
from sidecar.search.filters import Filters
from sidecar.search.store import ProductStore
from sidecar.store.work import LeaseLost, WorkQueue
from sidecar.tenants.schema import Tenant

Progress = Callable[[int, int], None]
"""Told how many of how many products are done."""

INDEX = "index"  # the kind of lease that whoever writes a tenant's index holds
_PAGE = 500
_PATIENCE = 60.0  # seconds to wait for the other writer of the same index
_LOOK = 0.2
_MOST_NAMED = 1000  # points asked for by name in one request
_HASH = 16  # characters of a content hash that Odoo is told


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchFilters(_Strict):
    """`params.filters` of `search_products`."""

    category: str | None = None
    attributes: dict[str, str] = {}
    min_price: float | None = None
    max_price: float | None = None
    availability: Availability | None = None


class SearchParams(_Strict):
    """`params` of `search_products`."""

    query: str = Field(min_length=1, max_length=500)
    limit: int = Field(10, ge=1, le=50)
    filters: SearchFilters = SearchFilters()


class ChosenParams(_Strict):
    """`params` of `product_chosen`."""

    query: str = Field(min_length=1, max_length=500)
    product_id: int = Field(gt=0)
    person: str = Field(min_length=1, max_length=128)


class ProductDesk:
    """The products of one tenant, for one job."""

    def __init__(self, services: Services, tenant: Tenant):
        self.services = services
        self.tenant = tenant

    def sync(self, params: dict[str, Any], progress: Progress | None = None) -> dict[str, Any]:
        """Bring `params.product_ids`, or everything, up to date; the result of `sync_products`.

        Unprocessable for wrong parameters, Unavailable while somebody else writes this index, and
        what the ERP, the index and the embedder raise: then nothing was deleted.
        """
        ids = params.get("product_ids")
        if ids is not None and not (
            isinstance(ids, list) and all(type(i) is int and i > 0 for i in ids)
        ):
            raise Unprocessable("params.product_ids must be a list of product ids.")
        with self._alone():
            if ids is None:
                facts, complete = self._catalog()
                return self._written(facts, complete, progress)
            facts = self._proxy().products(ids)
            report = self._written(facts, complete=False)
            gone = set(ids) - {one["id"] for one in facts}
            report["deleted"] += self._indexer().remove(gone)
            return report

    def reconcile(self) -> dict[str, Any]:
        """Compare ERP and index in both directions and repair; the result of `reconcile_products`.

        As a full sync, with how many products the index lacked (`missing`), held as they are not
        any more (`outdated`), and held although they are none (`orphans`). Raises as `sync`.
        """
        with self._alone():
            facts, complete = self._catalog()
            store = self._store()
            store.ensure()
            before = store.payloads(["hash"]).keys()
            report = self._written(facts, complete)
        missing = len({one["id"] for one in facts if one["active"]} - before)
        return report | {
            "missing": missing,
            "outdated": max(report["upserted"] - missing, 0),
            "orphans": report["deleted"],
        }

    def search(self, params: dict[str, Any]) -> dict[str, Any]:
        """The products that answer a question, best first; the result of `search_products`.

        Unprocessable for wrong parameters, and what the ERP and the index raise.
        """
        try:
            wanted = SearchParams.model_validate(params)
        except ValidationError as error:
            raise _unfit(error) from None
        limits = wanted.filters
        filters = Filters(limits.category, limits.attributes, limits.min_price, limits.max_price)
        started = time.monotonic()
        found = self._proxy().find_products(
            wanted.query, wanted.limit, filters, limits.availability
        )
        took = round(1000 * (time.monotonic() - started))
        return {"products": [one.as_dict() for one in found], "took_ms": took}

    def chosen(self, params: dict[str, Any]) -> dict[str, Any]:
        """Learn from a product that somebody chose; the result of `product_chosen`.

        Unprocessable for wrong parameters, NotFound for a product that is not the tenant's.
        """
        try:
            choice = ChosenParams.model_validate(params)
        except ValidationError as error:
            raise _unfit(error) from None
        category = self._proxy().product(choice.product_id)["category"]
        choices = self.services.search.choices(self.tenant.context)
        return {"learned": choices.note(choice.query, category, choice.person)}

    def text(self, params: dict[str, Any]) -> dict[str, Any]:
        """A product's text exactly as the index holds it; the result of `product_text`."""
        record = params.get("product_id")
        if type(record) is not int or record <= 0:
            raise Unprocessable("product_text needs params.product_id.")
        store = self._store()
        held = store.payloads_of([record], ["text"]) if store.count([]) else {}
        text = held[record].get("text", "") if record in held else ""
        return {"product_id": record, "indexed": record in held, "text": text}

    def _catalog(self) -> tuple[list[ProductFacts], bool]:
        """The facts of every product, and whether they surely are the whole catalog.

        A product that was listed and then not told about makes it incomplete: perhaps it was
        deleted in between, perhaps the ERP has lost its way; the next run knows.
        """
        proxy = self._proxy()
        facts: list[ProductFacts] = []
        listed, after = 0, 0
        while ids := proxy.erp.product_ids(after, _PAGE):
            if ids != sorted(set(ids)) or ids[0] <= after:
                raise UpstreamError("The ERP's list of products is out of order.")
            facts += proxy.products(ids)
            listed, after = listed + len(ids), ids[-1]
        return facts, listed == len(facts)

    def _written(
        self, facts: list[ProductFacts], complete: bool, progress: Progress | None = None
    ) -> dict[str, Any]:
        """The indexer's report, with what is really held there and the beginning of its hashes."""

        def tell(done: int, changed: int) -> None:
            if progress is not None:
                progress(len(facts) - changed + done, len(facts))

        if progress is not None and facts:
            progress(0, len(facts))
        report = self._indexer().sync(facts, complete=complete, progress=tell)
        points = report["points"]
        records = [int(name) for name in points]
        store = self._store()
        if complete or len(records) > _MOST_NAMED:
            held = store.payloads(["hash"])
        else:
            held = store.payloads_of(records, ["hash"])
        return report | {
            "points": {name: point for name, point in points.items() if int(name) in held},
            "hashes": {str(r): held[r]["hash"][:_HASH] for r in records if r in held},
        }

    def _proxy(self) -> DataProxyAgent:
        return self.services.proxy(self.tenant)

    def _indexer(self) -> Any:
        return self.services.search.indexer(self.tenant.context, self.services.llm(self.tenant))

    def _store(self) -> ProductStore:
        return self.services.search.hybrid(self.tenant.context).store

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else writes this tenant's index meanwhile.

        Otherwise what one job read before a change could be written over what another read after.
        """
        queue = WorkQueue(self.services.store, INDEX, self.services.settings.lease_ttl)
        until = time.monotonic() + _PATIENCE
        while (lease := queue.acquire(self.tenant.account_id)) is None:
            if time.monotonic() >= until:
                raise Unavailable("Another job is writing this tenant's index.")
            time.sleep(_LOOK)
        with lease:
            yield
            try:
                lease.check()
            except LeaseLost:
                raise Unavailable("Another job may have written this tenant's index.") from None


def _unfit(error: ValidationError) -> Unprocessable:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part)[:64] for part in first["loc"])
    return Unprocessable(f"params.{field}: {first['msg']}.")
