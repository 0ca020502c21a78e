"""Answers of searches, remembered for five minutes and forgotten when the index changes."""

import hashlib
import json
import logging
from dataclasses import asdict
from typing import Any

import redis

from sidecar.context import TenantContext
from sidecar.search.filters import Filters
from sidecar.store import keys
from sidecar.store.connection import RedisError

log = logging.getLogger(__name__)


class SearchCache:
    """One tenant's remembered answers in the cache Redis. Without Redis nothing is remembered.

    Never holds stock or prices: those are read live.
    """

    def __init__(self, client: redis.Redis, context: TenantContext):
        self._client = client
        self._context = context

    def name(self, model: str, text: str, limit: int, filters: Filters) -> str:
        """The key of a question's answer."""
        asked = [self._context.language_code, model, text, limit, asdict(filters)]
        content = json.dumps(asked, ensure_ascii=False, sort_keys=True)
        return keys.search_result(
            self._context.prefix, hashlib.sha256(content.encode()).hexdigest()
        )

    def get(self, name: str) -> tuple[str | None, list[Any] | None]:
        """The index's version now (None without Redis), and the answer if it is of that version."""
        try:
            current, kept = self._client.mget([self._version_key, name])
        except RedisError as error:
            log.warning("no search cache (%s)", type(error).__name__)
            return None, None
        version = (current or b"0").decode()
        answer = json.loads(kept) if kept else None
        return version, answer["hits"] if answer and answer["version"] == version else None

    def set(self, name: str, version: str | None, hits: list[Any]) -> None:
        """Keeps an answer that was found while the index had `version`."""
        if version is None:
            return
        value = json.dumps({"version": version, "hits": hits}, ensure_ascii=False)
        try:
            self._client.set(name, value, ex=keys.SEARCH_TTL)
        except RedisError as error:
            log.warning("no search cache (%s)", type(error).__name__)

    def share_in_stock(self) -> float | None:
        """The share of products in stock as it was counted within the last minute."""
        try:
            kept = self._client.get(keys.stock_share(self._context.prefix))
        except RedisError:
            return None
        return float(kept) if kept else None

    def set_share_in_stock(self, share: float) -> None:
        """Keeps the share for a minute."""
        try:
            name = keys.stock_share(self._context.prefix)
            self._client.set(name, repr(share), ex=keys.STOCK_SHARE_TTL)
        except RedisError as error:
            log.warning("no search cache (%s)", type(error).__name__)

    def index_changed(self) -> None:
        """Every answer kept until now counts no more.

        Where Redis cannot be told, answers from before are given for up to five minutes.
        """
        try:
            self._client.incr(self._version_key)
        except RedisError as error:
            log.warning("old search answers may be given (%s)", type(error).__name__)

    @property
    def _version_key(self) -> str:
        return keys.index_version(self._context.prefix)
