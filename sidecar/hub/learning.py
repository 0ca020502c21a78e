"""What customers' choices teach the search: heard by the desk, forgotten with the customer."""

from dataclasses import replace
from typing import Any

from sidecar.hub.silence import Talk
from sidecar.hub.turn import Case, Turn
from sidecar.search.choices import Choices
from sidecar.search.conversation_choices import (
    LONGEST,
    listed,
    named,
    person_of,
    quoted,
    shown_in,
    teach,
)
from sidecar.settings import Settings
from sidecar.store.connection import cache_store
from sidecar.tenants.schema import Tenant


def showing(talk: Talk, question: str, products: list[dict[str, Any]]) -> Talk:
    """Where a conversation stands when the answer to `question` lists these products."""
    shown = listed(products) if len(question) <= LONGEST else ""
    return replace(talk, sought=question, shown=shown) if shown else talk


class Learning:
    """Customers' choices, of any tenant. Safe to share between threads."""

    def __init__(self, settings: Settings):
        self._cache = cache_store(settings)

    def heard(self, case: Case, talk: Talk, turn: Turn) -> bool:
        """Learn from a turn in which the customer chose of what they were shown before.

        talk: as it was before the turn. To be called under the conversation's lease, so that an
        erasure comes after it. Without Redis nothing is learned.
        """
        shown = shown_in(talk.shown)
        if not shown or not turn.parts:
            return False
        if turn.preview:
            chosen = quoted(turn.text, shown)
        else:
            said = str(turn.row.get("question", ""))
            chosen = named(said, shown, case.tenant.context.language_code)
        if chosen is None:
            return False
        person = person_of(case.channel.id, turn.row.get("contact_id"), case.conversation)
        name = str(turn.row.get("contact_name", ""))
        return teach(self._choices(case.tenant), talk.sought, chosen, person, name)

    def forget(self, tenant: Tenant, persons: list[str]) -> None:
        """Nothing that these persons chose is kept. Raises redis errors."""
        self._choices(tenant).forget(persons)

    def _choices(self, tenant: Tenant) -> Choices:
        return Choices(self._cache, tenant.context)
