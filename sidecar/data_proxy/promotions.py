"""Prices under the promotions in force: computed from the ERP's live price, never guessed.

The same rules as in Odoo (docs/rules.md): Decimal, rounded half up to the currency's smallest unit,
never below 0, promotions do not add up, the best one for the customer wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import get_currency_precision

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion that holds. kind: percent (amount 0–100) or fixed (off the price, in `currency`).

    products, categories (whole paths): what it is limited to; both empty = everything. minimum: of
    the whole purchase, before discounts.
    """

    rule_id: int
    title: str
    kind: str
    amount: Decimal
    coupon: str
    minimum: Decimal
    currency: str
    products: frozenset[int]
    categories: frozenset[str]

    def covers(self, product: dict[str, Any]) -> bool:
        """Whether it is about this product, by itself or by its category or one above."""
        if not self.products and not self.categories:
            return True
        return product["id"] in self.products or any(
            product["category"] == category or product["category"].startswith(f"{category} / ")
            for category in self.categories
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """What one unit costs under a promotion. coupon: to be named by the customer, "" = none."""

    price: float
    coupon: str
    title: str
    rule_id: int


def promotions_of(rules: Iterable[dict[str, Any]]) -> list[Promotion]:
    """The promotions among the facts of rules in force."""
    found = []
    for rule in rules:
        told = rule["structure"].get("promotion")
        if told is None:
            continue
        amount = told["percent"] if told["kind"] == "percent" else told["amount"]
        found.append(
            Promotion(
                rule_id=rule["id"],
                title=rule["title"],
                kind=told["kind"],
                amount=Decimal(str(amount)),
                coupon=told["coupon"],
                minimum=Decimal(str(told["minimum"])),
                currency=rule["structure"].get("currency", ""),
                products=frozenset(rule["products"]),
                categories=frozenset(rule["categories"]),
            )
        )
    return found


def offers_for(product: dict[str, Any], promotions: Iterable[Promotion]) -> list[Offer]:
    """The best price of one unit without a coupon, and with one where that is better still.

    The purchase is taken to be this one unit; a promotion with a higher minimum is not offered.
    """
    price = Decimal(str(product["price"]))
    free: Offer | None = None
    with_coupon: Offer | None = None
    for promotion in sorted(promotions, key=lambda one: one.rule_id):
        if not promotion.covers(product) or price < promotion.minimum:
            continue
        reduced = _reduced(price, promotion, product["currency"])
        if reduced is None or reduced >= price:
            continue
        offer = Offer(float(reduced), promotion.coupon, promotion.title, promotion.rule_id)
        if promotion.coupon:
            if with_coupon is None or offer.price < with_coupon.price:
                with_coupon = offer
        elif free is None or offer.price < free.price:
            free = offer
    if free and with_coupon and with_coupon.price >= free.price:
        with_coupon = None
    return [offer for offer in (free, with_coupon) if offer]


def _reduced(price: Decimal, promotion: Promotion, currency: str) -> Decimal | None:
    """The reduced price; None for an amount in another currency than the price."""
    if promotion.kind == "percent":
        reduced = price * (_HUNDRED - promotion.amount) / _HUNDRED
    elif promotion.currency in ("", currency):
        reduced = price - promotion.amount
    else:
        return None
    unit = Decimal(1).scaleb(-get_currency_precision(currency))
    return max(reduced.quantize(unit, rounding=ROUND_HALF_UP), Decimal(0))
