"""Failures on demand: what a real Chatwoot and a real network do at the worst moment."""

import threading
from dataclasses import asdict, dataclass
from typing import Any

from sidecar.errors import Unprocessable

# refuse: not stored · store_then_error: stored, then the status · store_then_hang: stored, then
# silence for `seconds` · store_then_drop: stored, then the connection is cut
POST_MODES = ("refuse", "store_then_error", "store_then_hang", "store_then_drop")
_STATUSES = (401, 403, 404, 422, 429, 500, 502, 503, 504)
_MOST = 1000
_REORDER_GAP = 0.4  # seconds between two deliveries that are turned around


@dataclass(frozen=True, slots=True)
class PostFailure:
    """What happens to a post of the bot's."""

    mode: str
    status: int = 500
    seconds: float = 15.0


class Failures:
    """Counters of the failures still to come. In memory: a restart ends them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self._posts, self._post = 0, PostFailure("refuse")
            self._duplicates = 0
            self._reorder: list[float] = []

    def set(self, wanted: dict[str, Any]) -> None:
        """Change what `wanted` names.

        `posts` {count, mode, status, seconds}, `duplicates` and `reorder` (counts of webhooks).
        Raises Unprocessable with the field's name.
        """
        posts = wanted.get("posts")
        with self._lock:
            if posts is not None:
                if not isinstance(posts, dict) or posts.get("mode", "refuse") not in POST_MODES:
                    raise Unprocessable("Unknown mode of failing posts.", field="posts.mode")
                status, seconds = posts.get("status", 500), posts.get("seconds", 15.0)
                if status not in _STATUSES:
                    raise Unprocessable("Unknown status of failing posts.", field="posts.status")
                if not isinstance(seconds, int | float) or not 0 <= seconds <= 120:
                    raise Unprocessable("Seconds must be 0 to 120.", field="posts.seconds")
                self._posts = _count(posts.get("count", 1), "posts.count")
                self._post = PostFailure(posts.get("mode", "refuse"), status, float(seconds))
            if "duplicates" in wanted:
                self._duplicates = _count(wanted["duplicates"], "duplicates")
            if "reorder" in wanted:
                count = _count(wanted["reorder"], "reorder")
                # The first one waits longest, so they arrive backwards.
                self._reorder = [_REORDER_GAP * left for left in range(count - 1, -1, -1)]

    def state(self) -> dict[str, Any]:
        """What is still to come."""
        with self._lock:
            return {
                "posts": {"count": self._posts, **asdict(self._post)},
                "duplicates": self._duplicates,
                "reorder": len(self._reorder),
            }

    def take_post(self) -> PostFailure | None:
        """The failure for the post that is happening, or None."""
        with self._lock:
            if self._posts == 0:
                return None
            self._posts -= 1
            return self._post

    def copies_of_webhook(self) -> int:
        """How many times the webhook that is being queued is sent."""
        with self._lock:
            if self._duplicates == 0:
                return 1
            self._duplicates -= 1
            return 2

    def delay_of_webhook(self) -> float:
        """Seconds the webhook that is being queued waits."""
        with self._lock:
            return self._reorder.pop(0) if self._reorder else 0.0


def _count(value: Any, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise Unprocessable(f"A count must be 0 to {_MOST}.", field=field)
    return value
