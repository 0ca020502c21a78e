"""The door for Chatwoot's webhooks: verify, store, acknowledge; nothing else on this path."""

import time
from typing import Any

import structlog
from flask import Blueprint, g, request

from sidecar.chatwoot.payloads import parse_event
from sidecar.chatwoot.signature import verify
from sidecar.errors import Forbidden, Unauthorized
from sidecar.hub.routing import NoChannel
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
    try:
        taken = here.intake.take(door, event, g.request_id)
    except NoChannel as error:
        # Chatwoot then opens the conversation for people.
        raise Forbidden("No channel of this tenant serves the event's inbox.") from error
    if taken.ignored:
        return success({"ignored": taken.ignored})
    if taken.stored:
        here.hints.hint(messages.CONVERSATIONS, taken.item, here.settings.debounce)
    return success({"stored": taken.stored or taken.changed})


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
