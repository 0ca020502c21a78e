"""A tenant's lexicon, kept in Qdrant beside its products, and in each process's memory."""

import json
import threading
import time
import uuid
from collections.abc import Callable

from qdrant_client import QdrantClient, models

from sidecar.context import TenantContext
from sidecar.search.concepts import MARK
from sidecar.search.lexicon import Lexicon
from sidecar.search.tenant_collection import TenantCollection

KIND = "words"
_NAMESPACE = uuid.UUID("b5d0a1c7-6f0f-4e0e-8f0c-0d8b5f2f4a66")
_PART = 10_000  # words of one point
_FRESH_SECONDS = 60.0


class WordStore(TenantCollection):
    """One tenant's lexicon: points of up to 10,000 words in the collection `<base>_words_sparse`.

    Nobody searches them; Qdrant wants a vector of every point all the same.
    """

    def __init__(self, client: QdrantClient, context: TenantContext):
        super().__init__(client, context, f"{context.collection or 'products'}_{KIND}", None)

    def load(self) -> Lexicon | None:
        """The lexicon as it was last saved; None before."""
        parts = self._payloads(["lang", "documents", "words"])
        mine = [part for part in parts if part["lang"] == self.context.language_code]
        if not mine:
            return None
        words: dict[str, int] = {}
        for part in mine:
            words |= json.loads(part["words"])
        marks = {word: words.pop(word) for word in list(words) if word.startswith(MARK)}
        return Lexicon(self.context.language_code, mine[0]["documents"], words, marks)

    def save(self, lexicon: Lexicon) -> None:
        """Replaces the lexicon."""
        listed = sorted([*lexicon.words.items(), *lexicon.marks.items()])
        parts = [dict(listed[i : i + _PART]) for i in range(0, len(listed), _PART)] or [{}]
        points = [
            self._struct(
                str(uuid.uuid5(_NAMESPACE, f"{self.context.account_id}/{number}")),
                {
                    "kind": KIND,
                    "lang": lexicon.language,
                    "documents": lexicon.documents,
                    "words": json.dumps(part, ensure_ascii=False, separators=(",", ":")),
                },
                ([number], [1.0]),
            )
            for number, part in enumerate(parts)
        ]
        self.ensure()
        kept = models.HasIdCondition(has_id=[point.id for point in points])
        self._remove(models.Filter(must_not=[kept]))
        self._write(points)


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
