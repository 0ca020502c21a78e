"""The door for Chatwoot's webhooks: verify, store, acknowledge; nothing else on this path."""

import time
from typing import Any

import structlog
from flask import Blueprint, g, request

from sidecar.chatwoot.payloads import Event, parse_event
from sidecar.chatwoot.signature import verify
from sidecar.chatwoot.verdict import Ignore, verdict
from sidecar.errors import Forbidden, Unauthorized
from sidecar.hub.mailbox import Letter
from sidecar.hub.routing import NoChannel, OtherTenant, Placed, Router, proven_phone
from sidecar.store.connection import RedisError
from sidecar.tasks import messages
from sidecar.tenants.doors import Door, token_digest
from sidecar.web.answers import failure, success
from sidecar.web.state import caller, state

log = structlog.get_logger(__name__)
blueprint = Blueprint("chatwoot", __name__)


@blueprint.errorhandler(RedisError)
def _not_stored(error: RedisError) -> Any:
    # Chatwoot repeats a bot's webhook only after 429 and 500, so 503 would lose the message.
    log.error("webhook.not_stored", error=type(error).__name__)
    return failure(500, "not_stored", "The event could not be stored; send it again.")


@blueprint.post("/webhook/chatwoot/<token>")
def receive(token: str) -> Any:
    """Store a signed event of the channel that `token` names.

    200 `{"stored": bool}` or `{"ignored": reason}`, `other_tenant` where another tenant names the
    inbox; 401 unknown token or wrong signature; 403 another Chatwoot account, or no channel serves
    the inbox; 400 not an event; 500 when it could not be stored (Chatwoot repeats a bot's webhook
    only after 429 and 500).
    """
    here = state()
    door = here.tenants.door(token_digest(token))
    if door is None:
        here.audit.record(None, "webhook", "", "refused", "unknown_token", ip=caller())
        raise Unauthorized
    raw = request.get_data()
    _check_signature(door, raw)
    event = parse_event(raw)
    if event.account_id is not None and event.account_id != door.chatwoot_account:
        raise Forbidden("The event belongs to another Chatwoot account than this URL.")
    judged = verdict(event)
    if isinstance(judged, Ignore):
        return success({"ignored": judged.reason})
    if event.conversation_id is None or event.message_id is None:
        return success({"ignored": "not_a_message"})
    placed = _placed(door, event)
    if placed is None:
        return success({"ignored": "other_tenant"})
    conversation = f"{placed.channel_id}-{event.conversation_id}"
    # message ids are one Chatwoot's: a tenant may have two
    digest = f"{door.inboxes.chatwoot}:{event.dedupe_key}"
    stored = here.mailbox.put(door.account_id, conversation, digest, _letter(event))
    if stored:
        item = f"{door.account_id}|{conversation}"
        messages.hint(here.broker, messages.CONVERSATIONS, item, here.settings.debounce)
    return success({"stored": stored})


def _check_signature(door: Door, raw: bytes) -> None:
    if door.signature == "none":
        return
    here = state()
    secret = here.credentials.resolve(door.account_id, door.secret_ref)
    skew = here.settings.webhook_skew
    if not secret or not verify(raw, request.headers, secret, time.time(), skew):
        code = "wrong_signature" if secret else "no_secret"
        channel = f"channel {door.channel_id}"
        here.audit.record(door.account_id, "webhook", channel, "refused", code, ip=caller())
        raise Unauthorized


def _placed(door: Door, event: Event) -> Placed | None:
    """The channel the event goes to, or None when its inbox is another tenant's.

    Forbidden when no channel serves the inbox: Chatwoot then opens the conversation for people.
    """
    try:
        return Router(state().tenants).place(
            door.account_id, door.channel_id, door.inboxes, event.inbox_id
        )
    except OtherTenant:
        log.warning("webhook.other_tenant", account=door.account_id, inbox=event.inbox_id)
        return None
    except NoChannel as error:
        raise Forbidden("No channel of this tenant serves the event's inbox.") from error


def _letter(event: Event) -> Letter:
    contact = event.contact
    return Letter(
        message_id=event.message_id or 0,
        content=event.text,
        received_at=time.time(),
        request_id=g.request_id,
        contact_name=contact.name if contact else "",
        contact_id=contact.id if contact else None,
        contact_phone=proven_phone(event.channel, contact.source_id) if contact else "",
        inbox_id=event.inbox_id,
    )
