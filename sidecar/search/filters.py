"""What a search is limited to, and the conditions Qdrant is given for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qdrant_client import models

from sidecar.search.tokens import fold


@dataclass(frozen=True, slots=True)
class Filters:
    """Limits of a search; all must hold.

    category: a category's name at any level, or its whole path ("Sala / Sofás").
    attributes: attribute name → value; case and accents don't matter in either.
    min_price, max_price: inclusive, in the tenant's currency.
    in_stock: what the index says (it may be minutes old), or None for all.
    """

    category: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    min_price: float | None = None
    max_price: float | None = None
    in_stock: bool | None = None

    def conditions(self) -> list[models.Condition]:
        """Conditions on the payload. Archived products have no points: nobody asks for `active`."""
        found: list[models.Condition] = []
        if self.in_stock is not None:
            found.append(_is("in_stock", self.in_stock))
        if self.category:
            found.append(_is("categories", category_key(self.category)))
        for name, value in self.attributes.items():
            found.append(_is("attributes", attribute_key(name, value)))
        if self.min_price is not None or self.max_price is not None:
            limits = models.Range(gte=self.min_price, lte=self.max_price)
            found.append(models.FieldCondition(key="price", range=limits))
        return found

    def allow_price(self, price: float) -> bool:
        """Whether a live price is within the limits."""
        return (self.min_price is None or price >= self.min_price) and (
            self.max_price is None or price <= self.max_price
        )

    def within(self, least: float | None, most: float | None) -> "Filters":
        """These filters with tighter price limits."""
        lows = [p for p in (self.min_price, least) if p is not None]
        highs = [p for p in (self.max_price, most) if p is not None]
        return Filters(
            self.category,
            self.attributes,
            max(lows, default=None),
            min(highs, default=None),
            self.in_stock,
        )


def filter_keys(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """The payload keys that filters of category and attributes look at."""
    levels = [part.strip() for part in facts["category"].split(" / ") if part.strip()]
    categories = {category_key(level) for level in levels} | {category_key(facts["category"])}
    attributes = {
        attribute_key(attribute["name"], value)
        for attribute in facts["attributes"]
        for value in attribute["values"]
    }
    return {"categories": sorted(categories - {""}), "attributes": sorted(attributes)}


def category_key(name: str) -> str:
    """A category as the index holds it."""
    return fold(" ".join(name.split()))


def attribute_key(name: str, value: str) -> str:
    """An attribute's value as the index holds it."""
    return f"{category_key(name)}={category_key(value)}"


def _is(key: str, value: str | bool) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))
