"""When a rule holds, judged by the clock at the moment of the question."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sidecar.embedding_agents.business_rules import RuleFacts

# seconds since 1970 that no rule's dates reach: "always" in a field that is compared by range
ALWAYS = (0.0, 1e11)


def interval(facts: RuleFacts) -> tuple[float, float]:
    """The first second a rule holds and the first it does not, in seconds since 1970."""
    first, last = facts["valid_from"], facts["valid_to"]
    return (_seconds(first) if first else ALWAYS[0], _seconds(last) if last else ALWAYS[1])


def holds(facts: RuleFacts, now: float) -> bool:
    """Whether a rule holds at the moment `now`."""
    first, end = interval(facts)
    return first <= now < end


def in_force(rules: Iterable[RuleFacts], now: float) -> list[RuleFacts]:
    """The rules that hold at `now`, less the permanent ones that a temporary one stands in for.

    A temporary rule that is limited to regions, products or categories stands in only for rules
    that are limited to a part of them (docs/rules.md; Odoo decides the same for `rules_in_force`).
    """
    valid = [rule for rule in rules if holds(rule, now)]
    temporary = [
        rule for rule in valid if rule["group"] == "temporary" and rule["structure"].get("replaces")
    ]
    return [
        rule
        for rule in valid
        if rule["group"] != "permanent"
        or not any(
            other["structure"]["replaces"] == rule["subkind"] and _covers(other, rule)
            for other in temporary
        )
    ]


def _covers(temporary: RuleFacts, permanent: RuleFacts) -> bool:
    regions, its_regions = _regions(temporary), _regions(permanent)
    if regions and not (its_regions and its_regions <= regions):
        return False
    if not temporary["products"] and not temporary["categories"]:
        return True
    if not permanent["products"] and not permanent["categories"]:
        return False
    return set(permanent["products"]) <= set(temporary["products"]) and all(
        any(_within(category, wide) for wide in temporary["categories"])
        for category in permanent["categories"]
    )


def _within(category: str, wide: str) -> bool:
    return category == wide or category.startswith(f"{wide} / ")


def _regions(facts: dict[str, Any]) -> frozenset[str]:
    listed = facts["structure"].get("delivery", {}).get("regions", ())
    return frozenset(" ".join(region.split()).casefold() for region in listed)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
