"""Keeps a tenant's points as its products are. Unchanged content costs nothing."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from sidecar.context import TenantContext
from sidecar.embedding_agents.product_description import TEXT_VERSION, SearchText, search_text
from sidecar.embedding_agents.product_mass import SearchTextWriter
from sidecar.search.bm42 import VERSION as BM42_VERSION
from sidecar.search.bm42 import Bm42Encoder
from sidecar.search.cache import SearchCache
from sidecar.search.concepts import concept_counts
from sidecar.search.embeddings.base import Embedder
from sidecar.search.filters import filter_keys
from sidecar.search.lexicon import Lexicon
from sidecar.search.sparse import WEIGHTS_VERSION, Lengths, SparseEncoder, mean_lengths
from sidecar.search.store import Point, ProductStore
from sidecar.search.synonyms import synonyms_of
from sidecar.search.tokens import TOKENS_VERSION, plain_code
from sidecar.search.word_store import WordStore

_CHUNK = 512  # products embedded and written at a time: what a crash can cost
_STATE = ("active", "in_stock", "price", "currency")
_KEPT = ["hash", "lengths", "means", "enriched", *_STATE]
# BM25's lengths are relative to the catalog's means. A point keeps the means it was written with
# until one of the catalog's has moved this far: then ranking would suffer, below it one new
# product would rewrite every point.
_DRIFT = 1.25


@dataclass(frozen=True, slots=True)
class _Product:
    facts: dict[str, Any]
    text: SearchText
    hash: str

    @property
    def state(self) -> dict[str, Any]:
        return {key: self.facts[key] for key in _STATE}


class Indexer:
    """Writes one tenant's products to its store; `embedder` None means sparse vectors only.

    writer: writes search texts with a language model. words: where the catalog's words are kept.
    cache: what is told that the index changed. attention: weighs words in place of BM25F.
    """

    def __init__(
        self,
        store: ProductStore,
        embedder: Embedder | None,
        context: TenantContext,
        writer: SearchTextWriter | None = None,
        words: WordStore | None = None,
        cache: SearchCache | None = None,
        attention: Bm42Encoder | None = None,
    ):
        self._attention = attention
        self._store = store
        self._embedder = embedder
        self._context = context
        self._writer = writer
        self._words = words
        self._cache = cache

    def sync(
        self,
        facts: list[dict[str, Any]],
        complete: bool,
        progress: Callable[[int, int], None] | None = None,
    ) -> dict[str, Any]:
        """Brings the points of `facts` up to date; the result of `sync_products`.

        facts: products as docs/contracts.md describes them; inactive ones lose their points.
        complete: `facts` is surely the tenant's whole catalog, so that other points are removed.
        A list that might be partial must say False.
        progress: told how many of how many changed products are written.
        Counts products: embedded (text changed, and there is a model), upserted (written whole or
        in part), unchanged. Raises what the store and the embedder raise; what was written until
        then stays, and the next sync goes on from there.
        """
        self._store.ensure()
        known = self._store.payloads(_KEPT)
        products = {f["id"]: self._product(f) for f in facts if f["active"]}
        gone = known.keys() & {f["id"] for f in facts} - products.keys()
        if complete:
            gone = known.keys() - products.keys()
        changed = [
            record
            for record, product in products.items()
            if record not in known or known[record]["hash"] != product.hash
        ]
        kept = known.keys() - gone - set(changed)
        encoder = SparseEncoder(self._context.language_code)
        lengths = {r: encoder.lengths(products[r].text.fields) for r in changed}
        means, drifted = _means(known, kept, lengths.values(), complete)
        moved = drifted and self._attention is None  # attention knows no lengths

        encoder = SparseEncoder(self._context.language_code, means)
        for start in range(0, len(changed), _CHUNK):
            chunk = self._enriched([products[record] for record in changed[start : start + _CHUNK]])
            self._store.upsert(self._points(chunk, encoder, means, lengths))
            if progress is not None:
                progress(min(start + _CHUNK, len(changed)), len(changed))
        changes = self._state_changes(products, known, kept)
        if moved:
            again = kept & products.keys()
            texts = {
                record: replace(products[record].text, enriched=known[record].get("enriched", ""))
                for record in again
            }
            self._store.change_sparse(
                {
                    record: encoder.document(text.fields, self._concepts(products[record], text))
                    for record, text in texts.items()
                }
            )
            for record in again:
                changes[record] = changes.get(record, {}) | {"means": means}
        self._store.change_payloads(changes)
        self._store.delete(sorted(gone))
        if complete:
            self._store.delete_elsewhere()
        # who stopped after the points were written left the words of before
        behind = complete and not (changed or gone) and self._words_are_behind(len(products))
        if changed or gone or behind:
            self._keep_words(products, changed, complete, len(kept) + len(changed))
        if changed or changes or gone or behind:
            self._tell_changed()
        return {
            "total": len(facts),
            "embedded": len(changed) if self._embedder else 0,
            "upserted": len(changed) + len(changes),
            "deleted": len(gone),
            "unchanged": len(products) - len(changed) - len(changes),
            "points": {str(record): self._store.point_id(record) for record in products},
        }

    def remove(self, record_ids: Collection[int]) -> int:
        """Removes products that the ERP no longer shows us; how many points there were."""
        self._store.ensure()
        gone = sorted(self._store.payloads([]).keys() & set(record_ids))
        self._store.delete(gone)
        if gone:
            self._tell_changed()
        return len(gone)

    def _product(self, facts: dict[str, Any]) -> _Product:
        text = search_text(facts)
        return _Product(facts, text, self._hash(facts, text, self._writer))

    def _hash(
        self, facts: dict[str, Any], text: SearchText, writer: SearchTextWriter | None
    ) -> str:
        model = self._embedder.model if self._embedder else ""
        language = self._context.language_code
        versions = [TEXT_VERSION, TOKENS_VERSION, WEIGHTS_VERSION, language]
        versions.append(synonyms_of(language).version)
        written = writer.version if writer else ""
        if self._attention is not None:
            versions.append(BM42_VERSION)
        filters = filter_keys(facts)
        content = json.dumps([*versions, model, written, text.fields, text.dense, filters])
        return hashlib.sha256(content.encode()).hexdigest()

    def _enriched(self, products: list[_Product]) -> list[_Product]:
        """The products with what the model wrote; without, those it failed on.

        The failed ones get the hash of a plain text, so that the next sync tries them again.
        """
        if self._writer is None:
            return products
        written = self._writer.write([product.facts for product in products])
        found = []
        for one in products:
            if told := written.get(one.facts["id"]):
                found.append(replace(one, text=search_text(one.facts, told)))
            else:
                found.append(replace(one, hash=self._hash(one.facts, one.text, None)))
        return found

    def _state_changes(
        self,
        products: dict[int, _Product],
        known: dict[int, dict[str, Any]],
        kept: Collection[int],
    ) -> dict[int, dict[str, Any]]:
        """For products whose text is unchanged: the payload keys that are not."""
        changes = {}
        for record in kept & products.keys():
            state = products[record].state
            different = {key: v for key, v in state.items() if known[record].get(key) != v}
            if different:
                changes[record] = different
        return changes

    def _points(
        self,
        products: list[_Product],
        encoder: SparseEncoder,
        means: Lengths,
        lengths: dict[int, dict[str, int]],
    ) -> list[Point]:
        dense: list[Any] = [None] * len(products)
        if self._embedder:
            dense = list(self._embedder.embed([product.text.dense for product in products]))
        if self._attention is not None:
            sparse = self._attention.documents([product.text.dense for product in products])
        else:
            sparse = [encoder.document(p.text.fields, self._concepts(p)) for p in products]
        points = []
        for product, vector, words in zip(products, dense, sparse, strict=True):
            record, text = product.facts["id"], product.text
            payload = product.state | {
                "hash": product.hash,
                "lengths": lengths[record],
                "means": means,
                "lang": self._context.language_code,
                "name": product.facts["name"],
                "category": text.category,
                "codes": sorted({code for c in text.codes if (code := plain_code(c))}),
                "text": text.whole,
                "enriched": text.enriched,
                **filter_keys(product.facts),
            }
            points.append(Point(record, payload, words, vector))
        return points

    def _keep_words(
        self, products: dict[int, _Product], changed: list[int], complete: bool, documents: int
    ) -> None:
        """The words of a complete list replace those known; others are added to them."""
        if self._words is None:
            return
        read = products if complete else changed
        language = self._context.language_code
        texts = (products[record].text.whole for record in read)
        marks = (self._concepts(products[record]) for record in read)
        lexicon = Lexicon.of(language, texts, marks)
        known = None if complete else self._words.load()
        self._words.save(known.with_more(lexicon, documents) if known else lexicon)

    def _words_are_behind(self, documents: int) -> bool:
        if self._words is None or not documents:
            return False
        known = self._words.load()
        return known is None or known.documents != documents

    def _concepts(self, product: _Product, text: SearchText | None = None) -> dict[str, float]:
        """Weighted frequencies of a product's concepts; `text` stands in for its own."""
        kind = product.facts["category"].rpartition(" / ")[2]
        fields = (text or product.text).fields
        return concept_counts(self._context.language_code, fields, kind)

    def _tell_changed(self) -> None:
        if self._cache is not None:
            self._cache.index_changed()


def _means(
    known: dict[int, dict[str, Any]],
    kept: Collection[int],
    new: Collection[Lengths],
    complete: bool,
) -> tuple[dict[str, float], bool]:
    """The mean lengths to encode with, and whether kept points must be encoded anew."""
    # points of an earlier version have no lengths
    ours = [known[record] for record in kept if "means" in known[record]]
    measured = mean_lengths([one["lengths"] for one in ours] + list(new))
    if not ours:
        return measured, False
    counted = Counter(tuple(sorted(one["means"].items())) for one in ours)
    used = dict(counted.most_common(1)[0][0])
    drifted = used.keys() != measured.keys() or any(
        not used[name] / _DRIFT <= mean <= used[name] * _DRIFT for name, mean in measured.items()
    )
    # A partial sync doesn't have the texts of the other products.
    return (measured, True) if drifted and complete else (used, False)
