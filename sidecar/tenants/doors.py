"""What is published of a tenant's channels: the door behind each webhook URL, the inbox map.

A door says everything the webhook's path must know, so that finding the tenant of a URL costs one
read. Inboxes are told apart by the Chatwoot they belong to: its origin and account number.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from sidecar.tenants.schema import Channel, Hook, Tenant

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Inboxes:
    """A tenant's inbox map in one Chatwoot account.

    chatwoot: which Chatwoot account. named: inbox → the channel that names it. wide: channels for
    every inbox that no channel names, first choice first.
    """

    chatwoot: str
    named: dict[int, int]
    wide: list[int]


@dataclass(frozen=True, slots=True)
class Door:
    """One hook's webhook URL. chatwoot_account: the account number its events must carry.

    acts_on, returns: the tenant's, so that the door can judge an event without another read.
    """

    account_id: str
    channel_id: int
    hook_id: int
    kind: str
    secret_ref: str | None
    signature: str
    chatwoot_account: int
    inboxes: Inboxes
    acts_on: str = "pending"
    returns: str = "pending"

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Door | None":
        """The door, or None when it was published by another version."""
        try:
            told = json.loads(text)
            inboxes = told.pop("inboxes")
            named = {int(inbox): channel for inbox, channel in inboxes["named"].items()}
            return cls(**told, inboxes=Inboxes(inboxes["chatwoot"], named, inboxes["wide"]))
        except (TypeError, KeyError, ValueError):
            return None


def chatwoot_of(channel: Channel) -> str:
    """A name for the channel's Chatwoot account, the same however its URL is spelled."""
    return chatwoot_named(channel.url, channel.account_id)


def chatwoot_named(url: str, account_id: int) -> str:
    """As `chatwoot_of`, for a Chatwoot's URL and the number of an account there."""
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, 0)
    origin = f"{parts.scheme}://{parts.hostname}:{port}{parts.path.rstrip('/')}"
    return f"{hashlib.sha256(origin.encode()).hexdigest()[:16]}:{account_id}"


def inboxes_of(tenant: Tenant, channel: Channel) -> Inboxes:
    """The tenant's inbox map in the Chatwoot account of `channel`."""
    here = chatwoot_of(channel)
    siblings = [c for c in tenant.channels if c.account_id == channel.account_id]
    siblings = sorted(
        (c for c in siblings if chatwoot_of(c) == here), key=lambda c: (c.sequence, c.id)
    )
    named: dict[int, int] = {}
    for sibling in siblings:
        if sibling.inbox_id:
            named.setdefault(sibling.inbox_id, sibling.id)
    return Inboxes(here, named, [c.id for c in siblings if not c.inbox_id])


def named_inboxes(tenant: Tenant) -> list[tuple[str, int]]:
    """(Chatwoot account, inbox) of every inbox a channel of the tenant names."""
    return sorted({(chatwoot_of(c), c.inbox_id) for c in tenant.channels if c.inbox_id})


def doors_of(
    tenant: Tenant, token_of: Callable[[str, str], str | None]
) -> tuple[dict[str, Door], list[str]]:
    """(hash of the URL token → door, references of URL tokens that have no value).

    token_of: (account id, reference) → the URL token that is kept among the secrets, or None.
    """
    doors: dict[str, Door] = {}
    absent: list[str] = []
    for channel in tenant.channels:
        inboxes = inboxes_of(tenant, channel)
        for hook in channel.hooks:
            digest = _digest(tenant.account_id, hook, token_of)
            if digest is None:
                absent.append(hook.url_token_ref or "")
                continue
            doors[digest] = Door(
                account_id=tenant.account_id,
                channel_id=channel.id,
                hook_id=hook.id,
                kind=hook.kind,
                secret_ref=hook.secret_ref,
                signature=channel.signature,
                chatwoot_account=channel.account_id,
                inboxes=inboxes,
                acts_on=tenant.conversation.acts_on,
                returns=tenant.conversation.returns,
            )
    return doors, absent


def token_digest(token: str) -> str:
    """The hash a URL token is known by."""
    return hashlib.sha256(token.encode()).hexdigest()


def _digest(account_id: str, hook: Hook, token_of: Callable[[str, str], str | None]) -> str | None:
    if hook.token_sha256:
        return hook.token_sha256
    token = token_of(account_id, hook.url_token_ref or "")
    return token_digest(token) if token else None
