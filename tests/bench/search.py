"""Speed of product search over 20,000 products: the engine, the client, and text to ranked list.

Starts `sidecar vectors` on a free port of the loopback, and stops it. Bars: docs/search.md.
"""

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from qdrant_client import models

from sidecar.context import TenantContext
from sidecar.search.edge.collections import Collections
from sidecar.search.edge.queries import query_of
from sidecar.search.embeddings.cache import CachedEmbedder
from sidecar.search.embeddings.minilm import MiniLM
from sidecar.search.filters import Filters
from sidecar.search.hybrid import HybridSearch
from sidecar.search.indexer import Indexer
from sidecar.search.sparse import SparseEncoder
from sidecar.search.store import ProductStore
from sidecar.search.tenant_collection import DENSE, SPARSE
from sidecar.search.word_store import Lexicons, WordStore
from tests.facts import product_facts
from tests.vectors_process import VectorsProcess

PRODUCTS = 20_000
QUERIES = 200
ENCODED = 500  # products the local model is timed on
CONTEXT = TenantContext("bench", None, "en_US", "UTC", "USD")

# fmt: off
_KINDS = (
    "sofa", "armchair", "desk", "lamp", "rug", "mirror", "bookcase", "wardrobe", "mattress",
    "pillow", "curtain", "vase", "stool", "bench", "cabinet", "dresser", "headboard", "table",
)
_LOOKS = (
    "walnut", "oak", "velvet", "linen", "leather", "steel", "glass", "marble", "rattan", "cotton",
    "modern", "rustic", "vintage", "compact", "foldable", "round", "square", "tall", "padded",
)
_PLACES = ("living", "bedroom", "kitchen", "office", "garden", "hallway", "nursery", "balcony")
_COLORS = ("blue", "gray", "green", "beige", "black", "white", "red", "yellow", "brown", "teal")
# fmt: on


class _Drawn:
    """Vectors drawn by the text: the search's cost does not depend on what they mean."""

    model = "drawn"
    dimension = 384

    def embed(self, texts: list[str]) -> np.ndarray:
        rows = [np.random.default_rng(abs(hash(text))).standard_normal(384) for text in texts]
        made = np.array(rows, np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)


class _Memory(dict):
    def get_many(self, names: list[str]) -> list[bytes | None]:
        return [self.get(name) for name in names]

    def set_many(self, values: dict[str, bytes]) -> None:
        self.update(values)


def products(count: int) -> list[dict[str, object]]:
    """Invented furniture with about forty words each; half of it in stock."""
    draw = random.Random(5)
    made = []
    for number in range(1, count + 1):
        kind, look, other = draw.choice(_KINDS), draw.choice(_LOOKS), draw.choice(_LOOKS)
        color, place = draw.choice(_COLORS), draw.choice(_PLACES)
        words = " ".join(draw.choices([*_LOOKS, *_COLORS, *_PLACES], k=25))
        made.append(
            product_facts(
                id=number,
                name=f"{look.title()} {kind} {color} M{number}",
                category=f"{place.title()} / {kind.title()}s",
                default_code=f"SKU-{number}",
                sale_text=f"A {other} {kind} for the {place}, {words}.",
                attributes=[{"name": "Color", "values": [color]}],
                in_stock=draw.random() < 0.5,
            )
        )
    return made


def questions(count: int) -> list[str]:
    """What people type, no two alike."""
    draw = random.Random(9)
    found: dict[str, None] = {}
    while len(found) < count:
        words = [draw.choice(_COLORS), draw.choice(_LOOKS), draw.choice(_KINDS)]
        found[f"{' '.join(words)} for the {draw.choice(_PLACES)}"] = None
    return list(found)


def main() -> None:
    """All rows."""
    with tempfile.TemporaryDirectory() as folder:
        vectors = VectorsProcess(Path(folder) / "vectors").start()
        try:
            _rows(vectors)
        finally:
            vectors.stop()
        _engine(vectors.folder, questions(QUERIES))


def _rows(vectors: VectorsProcess) -> None:
    client, facts = vectors.client(), products(PRODUCTS)
    store, words = ProductStore(client, CONTEXT, _Drawn.dimension), WordStore(client, CONTEXT)
    started = time.monotonic()
    Indexer(store, _Drawn(), CONTEXT, words=words).sync(facts, complete=True)
    spent = time.monotonic() - started
    print(f"index 20k, no model  {spent:5.0f} s")
    started = time.monotonic()
    again = Indexer(store, _Drawn(), CONTEXT, words=words).sync(facts, complete=True)
    spent = time.monotonic() - started
    print(f"sync 20k, unchanged  {spent:5.1f} s, embedded {again['embedded']},"
          f" upserted {again['upserted']} (bar 0, 0)")  # fmt: skip

    asked = questions(QUERIES)
    print(f"load of the machine  {os.getloadavg()[0]:.1f} (the bars are of an idle one)")
    _client(store, asked)
    stocked = Filters(in_stock=True)
    lexicons = Lexicons()
    by_words = HybridSearch(ProductStore(client, CONTEXT, 384), None, CONTEXT, (words, lexicons))
    _row("text → list, words", asked, lambda q: by_words.search(q, filters=stocked), "p50 7")
    model = MiniLM()
    hybrid = HybridSearch(store, model, CONTEXT, (words, lexicons))
    _row("text → list, MiniLM", asked, lambda q: hybrid.search(q, filters=stocked), "p50 13")
    kept = CachedEmbedder(model, _Memory(), "en")
    kept.embed(asked)
    cached = HybridSearch(store, kept, CONTEXT, (words, lexicons))
    _row("text → list, cached", asked, lambda q: cached.search(q, filters=stocked), "p50 7")

    texts = [f"{one['name']}. {one['category']}. {one['sale_text']}" for one in facts[:ENCODED]]
    started = time.monotonic()
    model.embed(texts)
    each = (time.monotonic() - started) / ENCODED
    print(f"local model          {1 / each:5.0f} texts/s: 20k in {each * PRODUCTS / 60:.1f} min"
          f" (bar 10 min with indexing)")  # fmt: skip
    assert vectors.process
    process = psutil.Process(vectors.process.pid)
    resident = sum(p.memory_info().rss for p in [process, *process.children(recursive=True)])
    print(f"memory               vectors {resident / 2**20:.0f} MiB,"
          f" client {psutil.Process().memory_info().rss / 2**20:.0f} MiB (RSS)")  # fmt: skip


def _engine(folder: Path, asked: list[str]) -> None:
    """Both halves fused by the engine itself, without HTTP and JSON; its server is stopped."""
    encoder, model = SparseEncoder("en_US"), _Drawn()
    collections = Collections(folder)
    try:
        collection = collections.get(f"products_{model.dimension}")
        mine = models.FieldCondition(
            key="account_id", match=models.MatchValue(value=CONTEXT.account_id)
        )
        chosen = models.Filter(must=[mine, *Filters(in_stock=True).conditions()])
        taken = []
        for question in asked:
            indices, values = encoder.query(question)
            words = models.SparseVector(indices=indices, values=values)
            dense = model.embed([question])[0].tolist()
            halves = [
                models.Prefetch(query=words, using=SPARSE, filter=chosen, limit=60),
                models.Prefetch(query=dense, using=DENSE, filter=chosen, limit=60),
            ]
            fusion = models.FusionQuery(fusion=models.Fusion.DBSF)
            request = models.QueryRequest(prefetch=halves, query=fusion, limit=10)
            body = json.loads(request.model_dump_json(exclude_unset=True))
            query = query_of(body, collection.schema)
            started = time.perf_counter()
            collection.read(lambda shard, query=query: shard.query(query))
            taken.append(time.perf_counter() - started)
    finally:
        collections.close()
    _print("inside the engine", taken[10:], "p50 1")


def _client(store: ProductStore, asked: list[str]) -> None:
    """Both halves through qdrant-client, 60 candidates each."""
    encoder, model = SparseEncoder("en_US"), _Drawn()
    ready = [(encoder.query(q), model.embed([q])[0]) for q in asked]
    conditions = Filters(in_stock=True).conditions()
    taken = []
    for sparse, dense in ready:
        started = time.perf_counter()
        store.halves(sparse, dense, [], 60, conditions)
        taken.append(time.perf_counter() - started)
    _print("through the client", taken, "p50 4, p95 8")


def _row(name: str, asked: list[str], search: Callable[[str], object], bar: str) -> None:
    for question in asked[:10]:
        search(question)
    taken = []
    for question in asked:
        started = time.perf_counter()
        search(question)
        taken.append(time.perf_counter() - started)
    _print(name, taken, bar)


def _print(name: str, seconds: list[float], bar: str) -> None:
    ordered = sorted(seconds)
    middle, late = statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000
    print(f"{name:<20} p50 {middle:5.1f} ms, p95 {late:5.1f} ms over {len(ordered)} (bar {bar} ms)")


if __name__ == "__main__":
    main()
