"""A turn asked again under today's configuration: nothing is posted and nothing is written.

The desk's own composer decides, so a goodbye, closed hours, drafts and a crew that was switched off
count as they would in a conversation. What it composed is told instead of being carried out.
"""

import time
from dataclasses import dataclass
from typing import Any

from sidecar.errors import NotConfigured, Unprocessable
from sidecar.hub.composer import Composer
from sidecar.hub.history import Remembered, Said, within
from sidecar.hub.hub import Hub
from sidecar.hub.mailbox import Letter
from sidecar.hub.silence import Talk
from sidecar.hub.turn import Case
from sidecar.observability.tracing import Trace
from sidecar.settings import Settings
from sidecar.tenants.schema import Channel, Tenant

_LONGEST = 20_000  # characters of one text
_TOLD = (
    *("answer", "outcome", "reason", "writer", "crew", "language", "config_version", "sources"),
    *("model", "llm_calls", "input_tokens", "output_tokens", "cost", "seconds", "steps"),
)


@dataclass(frozen=True, slots=True)
class _Given:
    """The history that a replay is told of, in place of the conversation's own."""

    said: list[Said]
    settings: Settings

    def read(self, *_args: Any, **_more: Any) -> Remembered:
        """Its latest messages, as a crew gets them in a turn."""
        tokens, most = self.settings.history_tokens, self.settings.history_messages
        return Remembered(*within(self.said, tokens, most))


def replayed(hub: Hub, tenant: Tenant, params: dict[str, Any]) -> dict[str, Any]:
    """The result of `replay_turn` (docs/conversations.md).

    Unprocessable for parameters of another shape, NotConfigured without a channel; else what a
    crew's answer raises.
    """
    question, history = _text(params.get("question"), "question"), _history(params.get("history"))
    crew = _text(params.get("crew"), "crew")
    # writing tools are off, and no code is sent to anybody
    tools = tenant.tools.model_copy(update={"writes": [], "identity_codes": False})
    tenant = tenant.model_copy(update={"tools": tools})
    channel = _channel(tenant, params.get("channel_id")).model_copy(update={"crew": crew})
    case = Case(None, tenant, channel, f"{channel.id}-0", None)  # type: ignore[arg-type]
    letter = Letter(0, question, time.time(), "replay")
    given: Any = _Given(history, hub.services.settings)
    talk, trace = Talk(crew=crew, greeted=bool(history)), Trace()
    turn, _remembered = Composer(hub, given).compose(case, [letter], talk, trace)
    return {name: turn.row[name] for name in _TOLD}


def _channel(tenant: Tenant, channel_id: Any) -> Channel:
    """The one that was asked about, or the tenant's first."""
    asked = tenant.channel(channel_id) if isinstance(channel_id, int) else None
    first = min(tenant.channels, key=lambda one: (one.sequence, one.id), default=None)
    channel = asked or first
    if channel is None:
        raise NotConfigured("The tenant has no channel; add one in Odoo, then replay.")
    return channel


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise Unprocessable(f"{name} must be a text of at most {_LONGEST} characters.")
    return value.strip()


def _history(value: Any) -> list[Said]:
    entries = [] if value is None else value
    if not isinstance(entries, list) or not all(
        isinstance(one, dict)
        and one.get("role") in ("user", "assistant")
        and isinstance(one.get("content"), str)
        for one in entries
    ):
        raise Unprocessable("history must be a list of {role: user or assistant, content: text}.")
    return [
        {"role": one["role"], "content": one["content"][:_LONGEST]}
        for one in entries
        if one["content"].strip()
    ]
