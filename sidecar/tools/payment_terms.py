"""What a total costs by PIX and in installments: computed from the payment rules in force.

With Decimal, rounded half up to the currency's smallest unit. Only what a rule allows: as many
installments as are free of interest, none below the smallest one; interest is never guessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import get_currency_precision

_MOST = 24


@dataclass(frozen=True, slots=True)
class Terms:
    """pix: the total by PIX, None without a discount. installments: (how many, each), free of
    interest, from two on. most: how many there may be with interest, 0 = no more.
    """

    pix_discount: Decimal = Decimal(0)
    pix: Decimal | None = None
    installments: tuple[tuple[int, Decimal], ...] = ()
    most: int = 0


def terms_of(
    rules: Iterable[dict[str, Any]], total: Decimal, currency: str, product_ids: Iterable[int]
) -> Terms:
    """The terms of a purchase of `product_ids` for `total` under the facts of rules in force.

    A rule that is limited to products counts when it covers all of them, and goes before one for
    everything; rules for categories or another currency are left out.
    """
    rule = _rule_for(rules, currency, set(product_ids))
    if rule is None or total <= 0:
        return Terms()
    told = rule["structure"]["payment"]
    discount = Decimal(str(told["pix_discount"]))
    least = Decimal(str(told["installment_min"]))
    free = min(told["installments_free"], told["installments_max"], _MOST)
    found = []
    for count in range(2, free + 1):
        each = rounded(total / count, currency)
        if each >= max(least, unit(currency)):
            found.append((count, each))
    more = told["installments_max"]
    while more > free and rounded(total / more, currency) < least:
        more -= 1
    return Terms(
        pix_discount=discount,
        pix=rounded(total * (100 - discount) / 100, currency) if 0 < discount < 100 else None,
        installments=tuple(found),
        most=more if more > max(free, 1) else 0,
    )


def rounded(value: Decimal, currency: str) -> Decimal:
    """`value` in the currency's smallest units."""
    return value.quantize(unit(currency), rounding=ROUND_HALF_UP)


def unit(currency: str) -> Decimal:
    """The currency's smallest unit."""
    return Decimal(1).scaleb(-get_currency_precision(currency))


def _rule_for(
    rules: Iterable[dict[str, Any]], currency: str, products: set[int]
) -> dict[str, Any] | None:
    general = None
    for rule in rules:
        structure = rule["structure"]
        if "payment" not in structure or structure.get("currency", currency) != currency:
            continue
        if rule["categories"]:
            continue
        if rule["products"]:
            if products <= set(rule["products"]):
                return rule
        else:
            general = general or rule
    return general
