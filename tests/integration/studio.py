"""A house that writes texts: our Hub, an Odoo and a language model over real sockets."""

import html
import json
from collections.abc import Iterable
from typing import Any

from sidecar.claims.text import plain
from sidecar.crews.product_texts import LISTS, PARTS
from sidecar.hub.hub import Hub
from sidecar.hub.services import Services
from sidecar.settings import Settings
from tests.documents import tenant_document
from tests.doubles.odoo import OdooDouble
from tests.doubles.openai_api import OpenAIDouble


def answer(text: str, parts: Iterable[str] = PARTS, **changes: Any) -> str:
    """A model's JSON that says `text` in its description, and the least elsewhere."""
    told: dict[str, Any] = {part: [] if part in LISTS else "–" for part in parts}
    if "description" in told:
        told["description"] = f"<p>{html.escape(text, quote=False)}</p>"
    return json.dumps(told | changes)


def asked_of(request: dict[str, Any]) -> str:
    """Everything a model was told in a request, in words."""
    return "\n".join(map(_words, request["body"]["messages"]))


def pictures_of(request: dict[str, Any]) -> list[str]:
    """The addresses of the pictures that a model was shown in a request."""
    contents = [message["content"] for message in request["body"]["messages"]]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]


def _words(message: dict[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")


def plain_text(result: dict[str, Any]) -> str:
    """What a buyer would read of a result."""
    return plain(result["description"])


def hub_with(
    settings: Settings, odoo: OdooDouble, llm: OpenAIDouble | None, **document: Any
) -> Hub:
    """A Hub whose tenant account_1 has this Odoo and this model; None: it has no model."""
    services = Services.build(settings)
    told = tenant_document(**document)
    told["integrations"]["mcp"] = {"config": odoo.config()}
    secrets = {"odoo_api_key": odoo.api_key}
    if llm is not None:
        config = {"base_url": llm.url, "chat_model": "gpt-4o-mini", "api_key_ref": "llm_api_key"}
        told["integrations"]["llm"] = {"config": config}
        secrets["llm_api_key"] = llm.key
    services.credentials.replace("account_1", secrets)
    services.tenants.apply(told, reset=True)
    return Hub(services)


def envelope(action: str, params: dict[str, Any], job_id: str = "job-1") -> dict[str, Any]:
    """As Odoo sends it."""
    metadata = {"source": "odoo", "account_id": "account_1", "action": action, "job_id": job_id}
    return {"metadata": metadata, "params": params}
