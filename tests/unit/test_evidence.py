"""No figure is invented: what counts as supported, in both number styles."""

import pytest

from sidecar.data_proxy.evidence import Evidence, normalize_figure, unsupported_figures


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("2.790,00", "2790"),
        ("2,790.00", "2790"),
        ("2790", "2790"),
        ("2.790", "2790"),
        ("0,5", "0.5"),
        ("12.50", "12.5"),
        ("1.234.567,89", "1234567.89"),
        ("007", "7"),
    ],
)
def test_one_spelling_for_a_number(text: str, figure: str) -> None:
    assert normalize_figure(text) == figure


def test_figures_from_facts_and_from_the_customer_are_supported() -> None:
    evidence = Evidence()
    evidence.add("odoo", {"price": 2790.0, "available": 4.0, "text": "220 x 90 cm", "w": 41.5})
    said = ["até R$ 3.000?"]
    right = "1. Custa R$ 2.790,00 (abaixo de R$ 3.000), temos 4; mede 220 x 90 cm, 41,5 kg."
    assert unsupported_figures(right, evidence, said) == []


def test_an_invented_price_is_found() -> None:
    evidence = Evidence()
    evidence.add("odoo", {"price": 2790.0})
    assert unsupported_figures("Por R$ 2.511,00 no PIX!", evidence, []) == ["2.511,00"]
