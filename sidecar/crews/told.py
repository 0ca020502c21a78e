"""What a model is told of a turn: the facts that were read, as JSON."""

import json
from datetime import datetime
from typing import Any

from babel.dates import format_datetime

from sidecar.context import TenantContext
from sidecar.crews.prefetch import Prefetched
from sidecar.data_proxy.rules import RuleBrief
from sidecar.llm.sentences import money
from sidecar.tools.confirmation import Pending

_TEXT = 400  # characters of a product's own text


def facts_told(
    read: Prefetched,
    tenant: TenantContext,
    now: datetime,
    pending: Pending | None = None,
    done: dict[str, Any] | None = None,
    hours_text: str = "",
    tools: list[dict[str, Any]] | None = None,
) -> str:
    """The facts as JSON. pending: a preview that waits, without its token. done: what was just
    done with the customer's yes, or why it was not. hours_text: the week's hours, where the
    question may be about them without our knowing. tools: what they answered in a first run.
    """
    brief = read.brief
    told: dict[str, Any] = {
        "now": format_datetime(now, "EEEE, yyyy-MM-dd HH:mm", locale=tenant.language),
        "products": [_product(found.facts, brief, tenant.language) for found in read.products],
        "rules": [{"title": hit.title, "text": hit.text} for hit in brief.hits],
        "hours": brief.hours or hours_text,
        "free_times": brief.slots,
        "company": _company(brief),
        "customer": _customer(read),
        "waits_for_a_yes": pending and {"tool": pending.tool, "preview": pending.preview},
        "done": done,
        "tool_answers": tools,
    }
    filled = {key: value for key, value in told.items() if value or key == "products"}
    return json.dumps(filled, ensure_ascii=False, indent=1)


def _product(facts: dict[str, Any], brief: RuleBrief, language: str) -> dict[str, Any]:
    offers = [
        {
            "price": money(offer.price, facts["currency"], language),
            "promotion": offer.title,
            "coupon": offer.coupon,
        }
        for offer in brief.offers(facts)
    ]
    return {
        "id": facts["id"],
        "name": facts["name"],
        "price": money(facts["price"], facts["currency"], language),
        "offers": offers,
        "available": facts["available"] if facts["is_storable"] else "yes",
        "weight": f"{facts['weight']:g} kg" if facts.get("weight") else "",
        "category": facts["category"],
        "code": facts["default_code"],
        "text": facts["sale_text"][:_TEXT],
        "attributes": {a["name"]: a["values"] for a in facts["attributes"]},
    }


def _company(brief: RuleBrief) -> dict[str, Any]:
    """Of the profile, what a model may need in any turn."""
    texts = brief.profile.get("texts", {})
    told = {
        "greeting": texts.get("greeting"),
        "farewell": texts.get("farewell"),
        "rating_request": texts.get("rating_request"),
        "promotions_to_announce": brief.announced,
        "asked_for": brief.company,
    }
    return {key: value for key, value in told.items() if value}


def _customer(read: Prefetched) -> dict[str, Any]:
    told = {"first_name": read.first_name, "orders": read.orders}
    return {key: value for key, value in told.items() if value}
