"""Totals by PIX and in installments: exact, and only what a rule allows."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.tools.payment_terms import Terms, terms_of
from tests.business_rules import fact

D = Decimal


def payment(**changes: object) -> dict:
    told = {
        "methods": ["pix", "credit_card"], "cash_change": False, "installments_max": 10,
        "installments_free": 10, "installment_min": 0.0, "pix_discount": 5.0, **changes,
    }  # fmt: skip
    limits = {key: told.pop(key) for key in ("products", "categories") if key in told}
    currency = told.pop("currency", "BRL")
    return fact(subkind="payment", structure={"payment": told, "currency": currency}, **limits)


def test_ten_installments_and_five_percent_by_pix() -> None:
    terms = terms_of([payment()], D("2790"), "BRL", [5])
    assert terms.pix == D("2650.50")
    assert terms.installments[0] == (2, D("1395.00"))
    assert terms.installments[-1] == (10, D("279.00"))
    assert terms.most == 0


def test_each_installment_is_rounded_half_up() -> None:
    terms = terms_of([payment(installments_max=3, installments_free=3)], D("100"), "BRL", [5])
    assert dict(terms.installments) == {2: D("50.00"), 3: D("33.33")}


def test_no_installment_is_below_the_smallest_one() -> None:
    terms = terms_of([payment(installment_min=100.0)], D("350"), "BRL", [5])
    assert [count for count, _each in terms.installments] == [2, 3]
    assert terms.most == 0


def test_interest_is_never_guessed() -> None:
    terms = terms_of([payment(installments_max=12, installments_free=3)], D("1200"), "BRL", [5])
    assert [count for count, _each in terms.installments] == [2, 3]
    assert terms.most == 12


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [payment(currency="USD")],
        [payment(products=[7])],
        [payment(categories=["Sala"])],
        [fact()],
    ],
)
def test_without_a_rule_for_it_nothing_is_offered(rules: list[dict]) -> None:
    assert terms_of(rules, D("100"), "BRL", [5]) == Terms()


def test_a_rule_for_these_products_goes_before_the_general_one() -> None:
    rules = [payment(), payment(products=[5, 6], pix_discount=10.0)]
    assert terms_of(rules, D("100"), "BRL", [5]).pix == D("90.00")
    assert terms_of(rules, D("100"), "BRL", [5, 9]).pix == D("95.00")


def test_yen_has_no_cents() -> None:
    terms = terms_of([payment(currency="JPY", installments_free=3)], D("1000"), "JPY", [5])
    assert dict(terms.installments) == {2: D("500"), 3: D("333")}


@given(
    st.decimals("0.01", "99999", places=2),
    st.integers(0, 24),
    st.integers(0, 24),
    st.integers(0, 500),
)
def test_installments_together_are_the_total_to_the_cent(
    total: Decimal, most: int, free: int, least: int
) -> None:
    rule = payment(installments_max=most, installments_free=free, installment_min=float(least))
    terms = terms_of([rule], total, "BRL", [5])
    for count, each in terms.installments:
        assert count <= min(most, free)
        assert each >= least
        assert abs(each * count - total) <= D("0.005") * count
    assert terms.most in range(most + 1)
