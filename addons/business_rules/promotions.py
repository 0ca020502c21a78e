"""Prices under a promotion, computed and never guessed. Plain Python without Odoo.

The price comes from the ERP, amounts are Decimal, the result is rounded half up to the currency's
smallest unit. Promotions do not add up: the one that is best for the customer wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Promotion:
    """One promotion that is in force.

    kind: percent (amount is 0–100) or fixed (off the price, in the currency). products,
    categories: ids it is limited to; both empty = everything. minimum: of the whole purchase.
    """

    id: int
    kind: str
    amount: Decimal
    coupon: str = ""
    minimum: Decimal = Decimal(0)
    products: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()

    def covers(self, product: int, categories: Iterable[int]) -> bool:
        """True for a product of its list, or with one of its categories (or their parents)."""
        if not self.products and not self.categories:
            return True
        return product in self.products or not self.categories.isdisjoint(categories)

    def accepts(self, coupon: str) -> bool:
        """True without a coupon of its own, or for its own, however it is typed."""
        return not self.coupon or coupon_key(self.coupon) == coupon_key(coupon)


@dataclass(frozen=True)
class Offer:
    """price: what the customer pays, saved: what that is less, promotion: which one, or None."""

    price: Decimal
    saved: Decimal
    promotion: Promotion | None


def best_offer(
    price: Decimal,
    promotions: Iterable[Promotion],
    *,
    product: int,
    categories: Iterable[int] = (),
    rounding: Decimal = Decimal("0.01"),
    coupon: str = "",
    purchase: Decimal | None = None,
) -> Offer:
    """Return the best price of one unit of `product`.

    purchase: total of the purchase before discounts, the price itself when None. categories: the
    product's category and its parents. Of two equal prices the promotion with the lower id wins.
    """
    categories = frozenset(categories)
    total = price if purchase is None else purchase
    best = Offer(price, Decimal(0), None)
    for promotion in sorted(promotions, key=lambda candidate: candidate.id):
        if not promotion.covers(product, categories) or not promotion.accepts(coupon):
            continue
        if total < promotion.minimum:
            continue
        reduced = reduced_price(price, promotion, rounding)
        if reduced < best.price:
            best = Offer(reduced, price - reduced, promotion)
    return best


def reduced_price(price: Decimal, promotion: Promotion, rounding: Decimal) -> Decimal:
    """Return `price` less the promotion, rounded, never below 0."""
    if promotion.kind == "percent":
        reduced = price * (HUNDRED - promotion.amount) / HUNDRED
    else:
        reduced = price - promotion.amount
    return max(rounded(reduced, rounding), Decimal(0))


def rounded(amount: Decimal, rounding: Decimal) -> Decimal:
    """Return `amount` as a multiple of `rounding` (0.01, 0.05, 1), half up."""
    return (amount / rounding).quantize(Decimal(1), rounding=ROUND_HALF_UP) * rounding


def coupon_key(coupon: str) -> str:
    """Return a coupon as it is compared: customers type it in small letters and with spaces."""
    return "".join((coupon or "").split()).casefold()
