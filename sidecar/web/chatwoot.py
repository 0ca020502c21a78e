"""The door for Chatwoot's webhooks: verify, store, acknowledge; nothing else on this path."""

import hashlib
import time
from typing import Any

import structlog
from flask import Blueprint, g, request

from sidecar.chatwoot.payloads import Event, parse_event
from sidecar.chatwoot.signature import verify
from sidecar.chatwoot.verdict import Ignore, verdict
from sidecar.errors import Forbidden, Unauthorized
from sidecar.hub.mailbox import Letter
from sidecar.store.connection import RedisError
from sidecar.tasks import messages
from sidecar.tenants.schema import Channel
from sidecar.web.answers import failure, success
from sidecar.web.state import state

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

    200 `{"stored": bool}` or `{"ignored": reason}`; 401 unknown token or wrong signature; 403 the
    event belongs to another account or inbox; 400 not an event; 500 when it could not be stored
    (Chatwoot repeats a bot's webhook only after 429 and 500).
    """
    here = state()
    found = here.tenants.channel_of_token(hashlib.sha256(token.encode()).hexdigest())
    if found is None:
        raise Unauthorized
    account_id, channel = found
    raw = request.get_data()
    _check_signature(account_id, channel, raw)
    event = parse_event(raw)
    _check_origin(channel, event)
    judged = verdict(event)
    if isinstance(judged, Ignore):
        return success({"ignored": judged.reason})
    if event.conversation_id is None or event.message_id is None:
        return success({"ignored": "not_a_message"})
    conversation = f"{channel.id}-{event.conversation_id}"
    stored = here.mailbox.put(account_id, conversation, event.dedupe_key, _letter(event))
    if stored:
        item = f"{account_id}|{conversation}"
        messages.hint(here.broker, messages.CONVERSATIONS, item, here.settings.debounce)
    return success({"stored": stored})


def _check_signature(account_id: str, channel: Channel, raw: bytes) -> None:
    if channel.signature == "none":
        return
    here = state()
    secret = here.credentials.resolve(account_id, channel.webhook_secret_ref)
    skew = here.settings.webhook_skew
    if not secret or not verify(raw, request.headers, secret, time.time(), skew):
        raise Unauthorized


def _check_origin(channel: Channel, event: Event) -> None:
    if event.account_id is not None and event.account_id != channel.account_id:
        raise Forbidden("The event belongs to another Chatwoot account than this URL.")
    if channel.inbox_id and event.inbox_id not in (None, channel.inbox_id):
        raise Forbidden("The event belongs to another inbox than this URL.")


def _letter(event: Event) -> Letter:
    contact = event.contact
    return Letter(
        message_id=event.message_id or 0,
        content=event.text,
        received_at=time.time(),
        request_id=g.request_id,
        contact_name=contact.name if contact else "",
        contact_id=contact.id if contact else None,
    )
