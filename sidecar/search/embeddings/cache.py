"""Embeddings remembered by model, language and text, so that no text is paid for twice."""

import hashlib
import logging
from collections.abc import Mapping
from typing import Protocol

import numpy as np
import redis

from sidecar.search.embeddings.base import Embedder
from sidecar.store import keys
from sidecar.store.connection import RedisError

log = logging.getLogger(__name__)


class VectorCache(Protocol):
    """Bytes by key. It may forget anything at any time, and must not fail."""

    def get_many(self, names: list[str]) -> list[bytes | None]:
        """The value of each name, None where there is none, in order."""
        ...

    def set_many(self, values: Mapping[str, bytes]) -> None:
        """Keeps the values."""
        ...


class RedisCache:
    """Vectors in the cache Redis for 90 days. Without Redis everything is a miss: only slower."""

    def __init__(self, client: redis.Redis):
        self._client = client

    def get_many(self, names: list[str]) -> list[bytes | None]:
        """The value of each name, None where there is none, in order."""
        try:
            return self._client.mget(names)
        except RedisError as error:
            log.warning("no embedding cache (%s)", type(error).__name__)
            return [None] * len(names)

    def set_many(self, values: Mapping[str, bytes]) -> None:
        """Keeps the values; their life starts anew."""
        try:
            with self._client.pipeline(transaction=False) as pipe:
                for name, value in values.items():
                    pipe.set(name, value, ex=keys.EMBEDDING_TTL)
                pipe.execute()
        except RedisError as error:
            log.warning("no embedding cache (%s)", type(error).__name__)


class CachedEmbedder:
    """An embedder that asks `embedder` only for texts the cache does not hold.

    Cached: float32 vectors, little-endian, under model, language and the text's SHA-256.
    """

    def __init__(self, embedder: Embedder, cache: VectorCache, language: str):
        self.model = embedder.model
        self._embedder = embedder
        self._cache = cache
        self._language = language

    @property
    def dimension(self) -> int:
        """Length of the model's vectors."""
        return self._embedder.dimension

    def embed(self, texts: list[str]) -> np.ndarray:
        """float32 (len(texts), dimension), each row of length 1. Raises sidecar errors."""
        if not texts:
            return self._embedder.embed([])
        names = [self._name(text) for text in texts]
        rows = [self._vector(value) for value in self._cache.get_many(names)]
        missing = {name: i for i, name in enumerate(names) if rows[i] is None}
        if missing:
            made = self._embedder.embed([texts[i] for i in missing.values()])
            fresh = dict(zip(missing, made, strict=True))
            self._cache.set_many({n: v.astype("<f4").tobytes() for n, v in fresh.items()})
            rows = [fresh[n] if row is None else row for n, row in zip(names, rows, strict=True)]
        return np.stack(rows).astype(np.float32)

    def _name(self, text: str) -> str:
        digest = hashlib.sha256(text.encode()).hexdigest()
        return keys.embedding(self.model, self._language, digest)

    def _vector(self, value: bytes | None) -> np.ndarray | None:
        # A value of another length is another model's under the same name.
        if value is None or len(value) != 4 * self.dimension:
            return None
        return np.frombuffer(value, "<f4")
