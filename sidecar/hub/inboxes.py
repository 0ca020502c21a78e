"""Which inbox a conversation is in, where its events do not tell: Chatwoot is asked once a day."""

from collections.abc import Callable

import redis

from sidecar.chatwoot.records import Conversation
from sidecar.store import keys


class InboxMemory:
    """Answers of Chatwoot, kept in Redis for a day."""

    def __init__(self, store: redis.Redis):
        self.store = store

    def inbox_of(
        self, account_id: str, conversation: str, ask: Callable[[], Conversation]
    ) -> int | None:
        """The inbox of `conversation` (`<channel>-<display id>`), from memory or by `ask`.

        None when Chatwoot does not tell it either; `ask` raises as the Chatwoot client does.
        """
        key = keys.inbox(account_id, conversation)
        known = self.store.get(key)
        if known is not None:
            return int(known)
        inbox_id = ask().inbox_id
        if inbox_id is not None:
            self.store.set(key, inbox_id, ex=keys.INBOX_TTL)
        return inbox_id
