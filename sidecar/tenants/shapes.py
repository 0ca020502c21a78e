"""Hand-written documents: the shapes people write, read as the one document of the contracts.

What cannot be used is left out with a note, so that the tenant still loads; what is wrong in the
result is an error of `schema.parse_tenant`.
"""

import copy
import re
from dataclasses import dataclass
from typing import Any

from sidecar.tenants.kinds import CREW_ALIASES
from sidecar.tenants.schema import REDIS_REFUSED
from sidecar.tenants.values import invalid

_OWN = ("control", "mcp", "llm", "redis", "qdrant", "chatwoot")
_NUMBER_AT_END = re.compile(r"([0-9]{1,15})$")
_CHANNEL_NEEDS = ("url", "bot_token_ref")


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know about a file that is nevertheless used."""

    field: str
    text: str


def account_name(value: object) -> str:
    """`account_1` for `account_1`, `"1"` and `1`; other values come back as text."""
    text = str(value)
    return f"account_{text}" if text.isascii() and text.isdecimal() and len(text) < 16 else text


def read_shape(raw: dict[str, Any]) -> tuple[dict[str, Any], list[Note]]:
    """The document of `raw` (left as it is) and the notes about it. ConfigInvalid as a last word.

    Besides the document itself this reads: account ids without `account_`, `support` for
    customer_service, a chatwoot `config` instead of channels, a Qdrant host and port, a Redis
    prefix that ends in a colon, `enabled: false` on any integration, platforms without `config`.
    """
    document = copy.deepcopy(raw)
    notes: list[Note] = []
    if "account_id" in document:
        document["account_id"] = account_name(document["account_id"])
    crews = document.get("crews")
    if isinstance(crews, dict):
        for alias, name in CREW_ALIASES.items():
            if alias in crews and name not in crews:
                crews[name] = crews.pop(alias)
    integrations = document.get("integrations")
    if isinstance(integrations, dict):
        for name in list(integrations):
            if integrations[name] is None:
                del integrations[name]
        _switch_off(integrations)
        _redis(integrations, notes)
        _qdrant(integrations, notes)
        _chatwoot(integrations, notes)
        _platforms(integrations)
    return document, notes


def _switch_off(integrations: dict[str, Any]) -> None:
    for name in _OWN:
        part = integrations.get(name)
        if isinstance(part, dict) and part.get("enabled") is False:
            del integrations[name]


def _config(integrations: dict[str, Any], name: str) -> dict[str, Any]:
    part = integrations.get(name)
    config = part.get("config") if isinstance(part, dict) else None
    return config if isinstance(config, dict) else {}


def _redis(integrations: dict[str, Any], notes: list[Note]) -> None:
    config = _config(integrations, "redis")
    for key in ("host", "port", "db"):
        if key in config:
            del config[key]
            notes.append(Note(f"integrations.redis.config.{key}", f"is not used: {REDIS_REFUSED}"))
    if isinstance(config.get("prefix"), str):
        config["prefix"] = config["prefix"].removesuffix(":") or None


def _qdrant(integrations: dict[str, Any], notes: list[Note]) -> None:
    config = _config(integrations, "qdrant")
    host, port = config.pop("host", None), config.pop("port", 6333)
    if host is None:
        return
    if config.get("url"):
        field = "integrations.qdrant.config.host"
        notes.append(Note(field, "is not used, because url names the server"))
        return
    if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
        raise invalid("integrations.qdrant.config.host", "host is a name and port a number")
    config["url"] = f"{host if '://' in host else f'http://{host}'}:{port}"


def _chatwoot(integrations: dict[str, Any], notes: list[Note]) -> None:
    part = integrations.get("chatwoot")
    config = _config(integrations, "chatwoot")
    if not config or not isinstance(part, dict):
        return
    field = "integrations.chatwoot.config"
    del part["config"]
    if part.get("channels"):
        notes.append(Note(field, "is not used, because channels are listed"))
        return
    missing = [key for key in _CHANNEL_NEEDS if not config.get(key)]
    if not (config.get("url_token_ref") or config.get("token_sha256")):
        missing.append("url_token_ref")
    if missing:
        text = f"gives no channel: it lacks {', '.join(missing)}, so no message arrives"
        notes.append(Note(field, text))
        return
    number = _NUMBER_AT_END.search(str(config.get("account_id", "")))
    if number is None:
        raise invalid(f"{field}.account_id", "must be, or end in, Chatwoot's account number")
    hook = {"id": 1, "kind": "agent_bot", "secret_ref": config.pop("webhook_secret_ref", None)}
    hook |= {key: config.pop(key) for key in ("url_token_ref", "token_sha256") if key in config}
    part["channels"] = [{"id": 1, **config, "account_id": int(number.group(1)), "hooks": [hook]}]


def _platforms(integrations: dict[str, Any]) -> None:
    for name, part in integrations.items():
        if name in _OWN or not isinstance(part, dict) or "config" in part:
            continue
        enabled = {"enabled": part["enabled"]} if "enabled" in part else {}
        flat = {key: value for key, value in part.items() if key != "enabled"}
        integrations[name] = {**enabled, "config": flat}
