"""Prices under promotions: to the cent, the best one, never one that does not hold."""

from typing import Any

import pytest

from sidecar.data_proxy.promotions import offers_for, promotions_of
from tests.business_rules import fact
from tests.facts import product_facts


def promotion(number: int = 1, **changes: Any) -> dict[str, Any]:
    told = {"kind": "percent", "percent": 10.0, "amount": 0.0, "coupon": "", "minimum": 0.0}
    limits = {key: changes.pop(key) for key in ("products", "categories") if key in changes}
    structure = {"promotion": told | changes, "currency": "BRL"}
    return fact(id=number, group="temporary", subkind="promotion", structure=structure, **limits)


def offers(product: dict[str, Any], *rules: dict[str, Any]) -> list[tuple[float, str]]:
    return [(o.price, o.coupon) for o in offers_for(product, promotions_of(rules))]


@pytest.mark.parametrize(
    ("price", "percent", "expected"),
    [(2790.0, 10.0, 2511.0), (0.15, 10.0, 0.14), (99.99, 33.3, 66.69), (1.0, 100.0, 0.0)],
)
def test_a_percentage_is_rounded_half_up(price: float, percent: float, expected: float) -> None:
    assert offers(product_facts(price=price), promotion(percent=percent)) == [(expected, "")]


def test_an_amount_never_leads_below_zero_nor_into_another_currency() -> None:
    rule = promotion(kind="fixed", amount=100.0)
    assert offers(product_facts(price=80.0), rule) == [(0.0, "")]
    assert offers(product_facts(price=380.0), rule) == [(280.0, "")]
    assert offers(product_facts(price=380.0, currency="USD"), rule) == []


def test_a_currency_without_cents_has_none() -> None:
    assert offers(product_facts(price=999.0, currency="JPY"), promotion()) == [(899.0, "")]


def test_they_do_not_add_up_and_the_best_wins() -> None:
    rules = (promotion(1), promotion(2, percent=20.0), promotion(3, percent=5.0, coupon="CINCO"))
    assert offers(product_facts(price=100.0), *rules) == [(80.0, "")]
    rules = (*rules, promotion(4, percent=30.0, coupon="TRINTA"))
    assert offers(product_facts(price=100.0), *rules) == [(80.0, ""), (70.0, "TRINTA")]


def test_a_minimum_that_one_unit_does_not_reach_is_not_offered() -> None:
    rule = promotion(minimum=2000.0)
    assert offers(product_facts(price=1999.99), rule) == []
    assert offers(product_facts(price=2000.0), rule) == [(1800.0, "")]


@pytest.mark.parametrize(
    ("limits", "held"),
    [
        ({"products": [5]}, True),
        ({"products": [6]}, False),
        ({"categories": ["Sala / Sofás"]}, True),
        ({"categories": ["Sala"]}, True),
        ({"categories": ["Sala / Sof"]}, False),
        ({"categories": ["Sofás"]}, False),
        ({"products": [6], "categories": ["Sala"]}, True),
    ],
)
def test_it_holds_for_what_it_is_limited_to(limits: dict[str, Any], held: bool) -> None:
    assert bool(offers(product_facts(), promotion(**limits))) is held


def test_rules_without_a_discount_are_no_promotions() -> None:
    assert promotions_of([fact()]) == []
