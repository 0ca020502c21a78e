"""Webhook bodies for the tests: one invented message, changed as a test needs it."""

import copy
import json
from pathlib import Path
from typing import Any

from sidecar.chatwoot.payloads import Event, parse_event

FIXTURE = Path(__file__).parents[2] / "fixtures" / "chatwoot" / "message_created.incoming.json"
_BASE = json.loads(FIXTURE.read_text("utf-8"))
BOT = {"id": 2, "name": "Robô", "type": "agent_bot"}
AGENT = {"id": 9, "name": "Bia", "email": "bia@aurora.example", "type": "user"}
IMAGE = {
    "id": 31,
    "message_id": 7001,
    "file_type": "image",
    "account_id": 3,
    "data_url": "https://a",
}


def message(conversation: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """The incoming message with changes to it and to its conversation."""
    body = copy.deepcopy(_BASE)
    body["conversation"].update(conversation or {})
    body.update(changes)
    return body


def outgoing(**changes: Any) -> dict[str, Any]:
    """An outgoing message of the bot's."""
    return message(**({"message_type": "outgoing", "sender": BOT, "source_id": None} | changes))


def conversation(event: str, **changes: Any) -> dict[str, Any]:
    """A conversation_* body."""
    return copy.deepcopy(_BASE)["conversation"] | {"event": event} | changes


def read(body: Any) -> Event:
    """Parse a body given as an object."""
    return parse_event(json.dumps(body).encode())
