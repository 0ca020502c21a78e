"""Who does what: (source, action) → crew, and webhook → channel → crew.

`sidecar tenants routes` prints both. Every decision says why, in one English sentence.
"""

import re
from dataclasses import dataclass

from sidecar.errors import CrewDisabled, NotFound, Unauthorized, Unprocessable
from sidecar.hub.because import CHANNELS_CREW, Because, owners
from sidecar.tenants.doors import Inboxes
from sidecar.tenants.registry import TenantRegistry
from sidecar.tenants.schema import Channel, Tenant

CUSTOMER_SERVICE = "customer_service"
SALES = "sales"
PRODUCT_MANAGEMENT = "product_management"
ANALYTICS = "analytics"
HUB = "hub"

ROUTES: dict[tuple[str, str], str] = {
    ("chatwoot", "message"): CUSTOMER_SERVICE,  # or the channel's crew, or the owner's
    ("cli", "chat"): CUSTOMER_SERVICE,
    ("odoo", "generate_description"): PRODUCT_MANAGEMENT,
    ("odoo", "generate_descriptions"): PRODUCT_MANAGEMENT,
    ("odoo", "sync_products"): PRODUCT_MANAGEMENT,
    ("odoo", "reconcile_products"): PRODUCT_MANAGEMENT,
    ("scheduler", "reconcile_products"): PRODUCT_MANAGEMENT,  # where no Odoo asks for it
    ("odoo", "search_products"): PRODUCT_MANAGEMENT,
    ("odoo", "product_chosen"): PRODUCT_MANAGEMENT,
    ("odoo", "product_text"): PRODUCT_MANAGEMENT,
    ("odoo", "sync_rules"): CUSTOMER_SERVICE,
    ("scheduler", "sync_rules"): CUSTOMER_SERVICE,  # after a change of the embedding model
    ("odoo", "ask_rules"): CUSTOMER_SERVICE,
    ("odoo", "replay_turn"): HUB,  # then the crew that the turn was answered by
    ("odoo", "forget_contact"): HUB,
    ("odoo", "test_connection"): HUB,
    ("odoo", "sync_config"): HUB,
    ("odoo", "get_config"): HUB,
    ("odoo", "rotate_signing_key"): HUB,
    ("odoo", "revoke_secrets"): HUB,
}

CONVERSING = frozenset({CUSTOMER_SERVICE, SALES, ANALYTICS})
_BUILT = CONVERSING | {PRODUCT_MANAGEMENT}

# Chatwoot's channels whose contact address is a number the network vouches for.
_PROVING = frozenset({"Channel::Whatsapp", "Channel::Sms", "Channel::TwilioSms"})
_ADDRESS = re.compile(r"(?:whatsapp:|sms:)?\+?([1-9][0-9]{7,14})")
_BRAZILIAN_MOBILE = re.compile(r"55([1-9][0-9])9([6-9][0-9]{7})")


class CrewUnfit(Unprocessable):
    """The crew is enabled, but it is not built, or it does not talk to people."""

    code = "crew_unfit"


@dataclass(frozen=True, slots=True)
class Placed:
    """The channel that serves an event, and why."""

    channel_id: int
    because: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a message goes."""

    tenant: Tenant
    channel: Channel
    crew: str
    because: str


class OtherTenant(NotFound):
    """Another tenant names the inbox: the event is none of this tenant's business."""

    code = "other_tenant"
    default_message = "The inbox belongs to another tenant."


class NoChannel(NotFound):
    """No channel of the tenant serves the inbox."""

    code = "no_channel"
    default_message = "No channel serves this inbox; add one in Odoo."


def crew_for(source: str, action: str) -> str:
    """The crew (or the Hub itself) that serves an action; Unprocessable for an unknown one."""
    crew = ROUTES.get((source, action))
    if crew is None:
        known = ", ".join(sorted(a for s, a in ROUTES if s == source)) or "none"
        raise Unprocessable(f"Unknown action {action!r} of source {source!r}; known: {known}.")
    return crew


def require_enabled(tenant: Tenant, crew: str) -> None:
    """CrewDisabled unless the tenant lets this crew work; CrewUnfit while it is only a name."""
    config = tenant.crews.get(crew)
    if config is None or not config.enabled:
        raise CrewDisabled(
            f"Crew {crew} is not enabled for account_id {tenant.account_id}.",
            crew=crew,
            account_id=tenant.account_id,
        )
    if crew not in _BUILT:
        raise CrewUnfit(f"Crew {crew} cannot work yet; choose another one.", crew=crew)


def require_conversing(tenant: Tenant, crew: str) -> None:
    """As `require_enabled`; CrewUnfit also for a crew that does not talk to people."""
    require_enabled(tenant, crew)
    if crew not in CONVERSING:
        raise CrewUnfit(
            f"Crew {crew} does not talk to people; choose another one for the channel.", crew=crew
        )


class Router:
    """Finds the channel of an event. It asks Redis each time, so a push counts at once."""

    def __init__(self, tenants: TenantRegistry):
        self.tenants = tenants

    def decide(self, token_sha256: str, inbox_id: int | None, phone: str = "") -> Decision:
        """Everything at once: URL token (its hash), inbox and proven number → crew.

        Unauthorized for an unknown token, OtherTenant, NoChannel. At most three reads of Redis.
        """
        door = self.tenants.door(token_sha256)
        if door is None:
            raise Unauthorized
        placed = self.place(door.account_id, door.channel_id, door.inboxes, inbox_id)
        tenant = self.tenants.get(door.account_id)
        channel = tenant.channel(placed.channel_id)
        if channel is None:
            raise NoChannel
        crew, because = crew_of(tenant, channel, phone)
        return Decision(tenant, channel, crew, f"{placed.because}; {because}")

    def place(
        self, account_id: str, channel_id: int, inboxes: Inboxes, inbox_id: int | None
    ) -> Placed:
        """The channel for an event of `inbox_id` that came by a hook of `channel_id`.

        A channel that names the inbox, else (unless another tenant names it: OtherTenant) the
        first channel for all inboxes, else NoChannel. An event that tells no inbox stays with its
        hook's channel; the worker asks Chatwoot.
        """
        if inbox_id is None:
            return Placed(
                channel_id, f"the event names no inbox, its URL is channel {channel_id}'s"
            )
        if inbox_id in inboxes.named:
            chosen = inboxes.named[inbox_id]
            return Placed(chosen, f"channel {chosen} names inbox {inbox_id}")
        if self.tenants.names_inbox(inboxes.chatwoot, inbox_id) - {account_id}:
            raise OtherTenant
        if not inboxes.wide:
            raise NoChannel(inbox_id=inbox_id)
        chosen = inboxes.wide[0]
        return Placed(
            chosen, f"no channel names inbox {inbox_id} and channel {chosen} is for all inboxes"
        )


def crew_of(tenant: Tenant, channel: Channel, phone: str) -> tuple[str, Because]:
    """(crew, why) for a message of `channel`; `phone` is the person's proven number, or ""."""
    owner = channel.owner_crew
    if phone and same_number(phone, channel.owner_phones):
        config = tenant.crews.get(owner)
        if config is not None and config.enabled:
            return owner, owners(owner, enabled=True)
        return channel.crew, owners(owner, enabled=False)
    return channel.crew, CHANNELS_CREW


def proven_phone(channel_type: str, source_id: str) -> str:
    """The number (E.164) a contact writes from, or "" where the channel does not prove it.

    channel_type: Chatwoot's (`Channel::Whatsapp`). source_id: the contact's address in the inbox;
    never the phone field of the contact, which anybody may fill in.
    """
    found = _ADDRESS.fullmatch(source_id) if channel_type in _PROVING else None
    return f"+{found.group(1)}" if found else ""


def same_number(phone: str, numbers: list[str]) -> bool:
    """Whether `phone` is one of `numbers`.

    WhatsApp addresses many Brazilian mobiles without the ninth digit that people dial; no other
    line has the shorter number.
    """
    return _dialed(phone) in {_dialed(number) for number in numbers}


def _dialed(phone: str) -> str:
    digits = phone.removeprefix("+")
    mobile = _BRAZILIAN_MOBILE.fullmatch(digits)
    return f"55{mobile.group(1)}{mobile.group(2)}" if mobile else digits
