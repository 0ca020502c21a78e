"""Hybrid search: exact codes first, then words and meaning in one ranking."""

import logging
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np

from sidecar.context import TenantContext
from sidecar.errors import SidecarError
from sidecar.search.cache import SearchCache
from sidecar.search.choices import Choices, LearnedWords
from sidecar.search.concepts import groups_of
from sidecar.search.embeddings.base import Embedder
from sidecar.search.filters import Filters
from sidecar.search.fusion import Ranking, fused
from sidecar.search.lexicon import Lexicon
from sidecar.search.numbers import asked_numbers
from sidecar.search.query import Wanted
from sidecar.search.sparse import query_weights, weights
from sidecar.search.store import Halves, ProductStore
from sidecar.search.tokens import codes_of, tokenizer_of
from sidecar.search.whereabouts import Whereabouts
from sidecar.search.word_store import Lexicons, WordStore

log = logging.getLogger(__name__)

# What each half gives at least: fusion needs products that only one half ranks high, and the
# spread of their scores.
LEAST_DEPTH = 60
OVER_FETCH = 2
_KEYS = ["name", "category", "codes"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that was found.

    why: `code`, `name` and `category`, each with what matched after a colon ("name: sofá azul";
    where the shop says it otherwise, its own word); else `text` (words of the question are in its
    description) or `meaning` (none is).
    name, category: as the index has them, in the tenant's language.
    """

    product_id: int
    score: float
    why: tuple[str, ...]
    name: str = ""
    category: str = ""


class HybridSearch:
    """Search of one tenant's products; sparse only where `embedder` is None.

    words: the tenant's lexicon and the process's; without them no typing mistake is forgiven and
    no synonym known. cache: without one every search is made anew. learned: what people chose
    after their questions. whereabouts: finds products that wait elsewhere for a complete sync.
    """

    def __init__(
        self,
        store: ProductStore,
        embedder: Embedder | None,
        context: TenantContext,
        words: tuple[WordStore, Lexicons] | None = None,
        cache: SearchCache | None = None,
        learned: tuple[Choices, LearnedWords] | None = None,
        whereabouts: Whereabouts | None = None,
    ):
        self.store = store
        self._whereabouts = whereabouts
        self._embedder = embedder
        self._tokenizer = tokenizer_of(context.language_code)
        self._language = context.language_code
        self._words = words
        self._cache = cache
        self._learned = learned

    def search(
        self,
        text: str,
        limit: int = 10,
        wanted: Wanted | None = None,
        in_stock: bool | None = None,
        filters: Filters | None = None,
    ) -> list[Hit]:
        """Up to `limit` active products, best first, within `filters` and the limits of `wanted`.

        in_stock: only products whose index says so (the index may be minutes old), or None for
        all. An embedder that fails costs the dense half, not the answer. Raises what the store
        raises.
        """
        filters = filters or Filters(in_stock=in_stock)
        if wanted is not None:
            filters = filters.within(wanted.min_price, wanted.max_price)
        version, name = None, ""
        if self._cache is not None:
            model = self._embedder.model if self._embedder else ""
            name = self._cache.name(model, text, limit, filters)
            version, kept = self._cache.get(name)
            if kept is not None:
                return [Hit(**hit | {"why": tuple(hit["why"])}) for hit in kept]
        dense, whole = self._dense(text)
        hits = self._find(text, dense, limit, filters, version)
        if self._cache is not None and whole:
            self._cache.set(name, version, [asdict(hit) for hit in hits])
        return hits

    def share_in_stock(self) -> float:
        """Share of the tenant's indexed products that are in stock, as the index knows it.

        Counted once a minute (without a cache: each time); 1 for an empty index.
        """
        if self._cache is not None and (kept := self._cache.share_in_stock()) is not None:
            return kept
        store = self._here()
        products = store.count(Filters().conditions())
        available = store.count(Filters(in_stock=True).conditions())
        share = available / products if products else 1.0
        if self._cache is not None:
            self._cache.set_share_in_stock(share)
        return share

    def _here(self) -> ProductStore:
        return self._whereabouts.of(self.store) if self._whereabouts else self.store

    def _find(
        self, text: str, dense: np.ndarray | None, limit: int, filters: Filters, version: str | None
    ) -> list[Hit]:
        tokens = self._tokenizer.tokens(text)
        lexicon = self._lexicon(version)
        meant = self._meant(text, tokens, lexicon) if lexicon else {}
        codes = codes_of(text)
        store = self._here()
        found = store.halves(
            weights(meant | query_weights(tokens) | asked_numbers(text, tokens, self._tokenizer)),
            dense if store is self.store else None,  # elsewhere are another model's vectors
            sorted(codes),
            max(OVER_FETCH * limit, LEAST_DEPTH),
            filters.conditions(),
        )
        coverage = None
        if lexicon and found.sparse:
            coverage = lexicon.coverage(dict.fromkeys(tokens), found.sparse[0][1])
        ranked = _exact_first(found, fused(found.sparse, found.dense, coverage))[:limit]
        payloads = store.payloads_of([record for record, _ in ranked], _KEYS)
        with_words = {record for record, _ in found.sparse}
        hits = []
        for record, score in ranked:
            if (payload := payloads.get(record)) is not None:  # else it was deleted meanwhile
                why = self._why(text, codes, payload, record in with_words)
                hits.append(Hit(record, score, why, payload["name"], payload["category"]))
        return hits

    def _meant(self, text: str, tokens: list[str], lexicon: Lexicon) -> dict[str, float]:
        """What the question asks for beside its tokens, and what each counts."""
        meant = lexicon.meant(text) | lexicon.concepts(tokens)
        if self._learned is not None:
            choices, learned = self._learned
            for kind, weight in learned.weights(choices, tokens).items():
                meant[kind] = max(meant.get(kind, 0.0), weight)
        return meant

    def _lexicon(self, version: str | None) -> Lexicon | None:
        if self._words is None:
            return None
        store, lexicons = self._words
        return lexicons.get(store, version)

    def _dense(self, text: str) -> tuple[np.ndarray | None, bool]:
        """The question's vector, and whether all of search is there that should be."""
        if self._embedder is None or not text.strip():
            return None, True
        try:
            return self._embedder.embed([text])[0], True
        except SidecarError as error:
            log.warning("searching by words only: no embedding (%s)", error.code)
            return None, False

    def _why(
        self, text: str, codes: set[str], payload: dict[str, object], by_words: bool
    ) -> tuple[str, ...]:
        why = [f"code: {code}" for code in payload["codes"] if code in codes]
        for field in ("name", "category"):
            present = _token_set(self._language, payload[field])
            words = [
                word.strip("?!.,;:")
                for word in text.split()
                if not present.isdisjoint(_token_set(self._language, word))
            ] or self._same_thing(text, str(payload[field]))
            if words:
                why.append(f"{field}: {' '.join(words)}")
        return tuple(why) or (("text" if by_words else "meaning"),)

    def _same_thing(self, text: str, field: str) -> list[str]:
        """The first words of a field that name what the question names by others."""
        asked = groups_of(self._language, text)
        if asked.isdisjoint(groups_of(self._language, field)):
            return []
        words = field.split()
        spans = (words[i : i + n] for n in (1, 2, 3) for i in range(len(words) - n + 1))
        return next((s for s in spans if asked & groups_of(self._language, " ".join(s))), [])


def _exact_first(found: Halves, ranked: Ranking) -> list[tuple[int, float]]:
    """Products whose own code is in the question, then the rest, each part in its order."""
    exact = set(found.exact)
    first = [one for one in ranked if one[0] in exact]
    listed = {record for record, _ in first}
    top = ranked[0][1] if ranked else 1.0
    first += [(record, top) for record in found.exact if record not in listed]
    return first + [one for one in ranked if one[0] not in exact]


@lru_cache(maxsize=20_000)
def _token_set(language: str, text: str) -> frozenset[str]:
    return frozenset(tokenizer_of(language).tokens(text))
