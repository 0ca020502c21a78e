"""Who a conversation is with, and how that was proven: by the channel or by a code, never by words.

A number or an address belongs to a person only where exactly one customer of the tenant has it.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

import redis

from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.errors import NotOffered
from sidecar.store import keys
from sidecar.store.connection import RedisError, unavailable

Proof = Literal["", "channel", "code", "owner", "key"]


@dataclass(frozen=True, slots=True)
class Person:
    """partner_id: the customer in the ERP, None = not known as one. proof: "" = nobody proven."""

    partner_id: int | None = None
    name: str = ""
    proof: Proof = ""

    @property
    def is_customer(self) -> bool:
        """Whether personal data may be told to them."""
        return self.partner_id is not None and bool(self.proof)


NOBODY = Person()


class Identity:
    """Who asks, found out at the first question; a code may prove somebody later in the turn."""

    def __init__(self, find: Callable[[], Person] = lambda: NOBODY):
        self._find = find
        self._lock = threading.Lock()
        self._person: Person | None = None

    @classmethod
    def of(cls, person: Person) -> "Identity":
        """Somebody who is known already (an MCP key's partner), or NOBODY."""
        return cls(lambda: person)

    @property
    def person(self) -> Person:
        """The person. Raises the ERP's and the store's errors."""
        with self._lock:
            if self._person is None:
                self._person = self._find()
            return self._person

    @property
    def known(self) -> Person:
        """As far as it was found out; reads nothing."""
        return self._person or NOBODY

    def become(self, person: Person) -> None:
        """They have just proven to be this person."""
        with self._lock:
            self._person = person


class PersonMemory:
    """Who a tenant's conversation has proven to be, for `ttl` seconds.

    copied: we hold a copy of the customers, so whom the conversation proved is filed longer, as a
    number: erasing the contact finds the copy by it.
    """

    def __init__(
        self,
        store: redis.Redis,
        account_id: str,
        conversation: str,
        ttl: int,
        copied: bool = False,
    ):
        self._store = store
        self._key = keys.person(account_id, conversation)
        self._customers = keys.customers(account_id, conversation) if copied else ""
        self._ttl = ttl

    def recall(self, by: str) -> Person | None:
        """Who was proven by `by` (a digest), or by a code whatever the channel says."""
        try:
            told = self._store.get(self._key)
        except RedisError as error:
            raise unavailable(error) from None
        if not told:
            return None
        kept = json.loads(told)
        if kept["proof"] != "code" and kept["by"] != by:
            return None
        return Person(kept["partner_id"], kept["name"], kept["proof"])

    def keep(self, person: Person, by: str = "") -> None:
        """Remember `person`, proven by `by`."""
        told = {
            "partner_id": person.partner_id,
            "name": person.name,
            "proof": person.proof,
            "by": by,
        }
        try:
            if self._customers and person.partner_id is not None:
                self._store.sadd(self._customers, person.partner_id)
                self._store.expire(self._customers, keys.CONTACT_TTL)
            self._store.set(self._key, json.dumps(told), ex=self._ttl)
        except RedisError as error:
            raise unavailable(error) from None


def identity_of(
    proxy: DataProxyAgent,
    memory: PersonMemory,
    phone: str = "",
    email: str = "",
    owner_phones: Collection[str] = (),
) -> Identity:
    """Whom a conversation is with.

    phone, email: as the channel proves them (`contact_inbox.source_id` of WhatsApp and SMS, a
    signed identifier), never as somebody typed them; "" where it proves none. An owner's phone
    makes them the owner. Whom a code has proven stays that person.
    """
    owner = bool(phone) and phone in owner_phones
    by = hashlib.sha256(f"{phone}\0{email}\0{owner}".encode()).hexdigest()

    def find() -> Person:
        kept = memory.recall(by)
        if kept is not None:
            return kept
        found = only_match(proxy, phone=phone) or only_match(proxy, email=email)
        if owner:
            found = found or {"id": None, "name": ""}
        if found is None:
            return NOBODY
        person = Person(found["id"], found["name"], "owner" if owner else "channel")
        memory.keep(person, by)
        return person

    return Identity(find)


def only_match(proxy: DataProxyAgent, phone: str = "", email: str = "") -> dict[str, Any] | None:
    """The one customer with this number or address; None for nobody, and for more than one."""
    try:
        if phone:
            found = proxy.find_partners(phone=phone)
        elif email:
            found = proxy.find_partners(email=email)
        else:
            return None
    except NotOffered:  # an ERP without customers knows nobody
        return None
    return found[0] if len(found) == 1 else None
