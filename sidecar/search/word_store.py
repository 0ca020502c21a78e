"""A tenant's lexicon, kept in Qdrant beside its products, and in each process's memory."""

import json
import threading
import time
import uuid
from collections.abc import Callable

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from sidecar.context import TenantContext
from sidecar.search.lexicon import Lexicon
from sidecar.search.store import SPARSE, translated

KIND = "words"
_NAMESPACE = uuid.UUID("b5d0a1c7-6f0f-4e0e-8f0c-0d8b5f2f4a66")
_PART = 10_000  # words of one point
_FRESH_SECONDS = 60.0


class WordStore:
    """One tenant's lexicon: points of up to 10,000 words in the collection `<base>_words`.

    Errors as the ProductStore's.
    """

    def __init__(self, client: QdrantClient, context: TenantContext):
        self.context = context
        self.collection = f"{context.collection or 'products'}_{KIND}"
        self._client = client

    def load(self) -> Lexicon | None:
        """The lexicon as it was last saved; None before."""
        with translated():
            try:
                records, _ = self._client.scroll(
                    self.collection, scroll_filter=self._mine(), limit=1000, with_payload=True
                )
            except UnexpectedResponse as error:
                if error.status_code != 404:
                    raise
                return None
        mine = [r.payload for r in records if r.payload["lang"] == self.context.language_code]
        if not mine:
            return None
        words: dict[str, int] = {}
        for part in mine:
            words |= json.loads(part["words"])
        return Lexicon(self.context.language_code, mine[0]["documents"], words)

    def save(self, lexicon: Lexicon) -> None:
        """Replaces the lexicon."""
        listed = sorted(lexicon.words.items())
        parts = [dict(listed[i : i + _PART]) for i in range(0, len(listed), _PART)] or [{}]
        points = [
            models.PointStruct(
                id=str(uuid.uuid5(_NAMESPACE, f"{self.context.account_id}/{number}")),
                # Qdrant wants a vector of every point; nobody searches these
                vector={SPARSE: models.SparseVector(indices=[number], values=[1.0])},
                payload={
                    "account_id": self.context.account_id,
                    "kind": KIND,
                    "lang": lexicon.language,
                    "documents": lexicon.documents,
                    "words": json.dumps(part, ensure_ascii=False, separators=(",", ":")),
                },
            )
            for number, part in enumerate(parts)
        ]
        with translated():
            self._ensure()
            kept = [models.HasIdCondition(has_id=[point.id for point in points])]
            old = models.Filter(must=self._mine().must, must_not=kept)
            self._client.delete(self.collection, models.FilterSelector(filter=old), wait=True)
            self._client.upsert(self.collection, points, wait=True)

    def delete(self) -> None:
        """Removes the tenant's lexicon; none is no error."""
        with translated():
            if self._client.collection_exists(self.collection):
                mine = models.FilterSelector(filter=self._mine())
                self._client.delete(self.collection, mine, wait=True)

    def _ensure(self) -> None:
        try:
            self._client.get_collection(self.collection)
            return
        except UnexpectedResponse as error:
            if error.status_code != 404:
                raise
        try:
            self._client.create_collection(
                self.collection, sparse_vectors_config={SPARSE: models.SparseVectorParams()}
            )
        except UnexpectedResponse as error:
            if error.status_code != 409:  # another process was faster
                raise
        tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
        self._client.create_payload_index(self.collection, "account_id", tenant, wait=True)

    def _mine(self) -> models.Filter:
        match = models.MatchValue(value=self.context.account_id)
        return models.Filter(must=[models.FieldCondition(key="account_id", match=match)])


class Lexicons:
    """Lexicons of any tenant in this process's memory. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[str | None, float, Lexicon | None]] = {}

    def get(self, store: WordStore, version: str | None) -> Lexicon | None:
        """The tenant's lexicon: read again when the index's version is another one.

        Without a known version (no Redis) it is read again after a minute.
        """
        key = (store.context.account_id, store.context.language_code)
        now = self._clock()
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept[0] == version:
            fresh = version is not None or now - kept[1] < _FRESH_SECONDS
            if fresh:
                return kept[2]
        lexicon = store.load()
        with self._lock:
            self._kept[key] = (version, now, lexicon)
        return lexicon
