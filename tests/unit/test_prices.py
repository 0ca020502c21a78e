"""What model calls cost."""

from pathlib import Path

import pytest

from sidecar.errors import NotConfigured
from sidecar.llm.prices import cost_of
from sidecar.settings import Settings

OWN = Settings(_env_file=None)


@pytest.mark.parametrize(
    "model", ["gpt-4o-mini", "gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini", "gpt-4o-mini-latest"]
)
def test_a_model_is_known_by_its_name_with_provider_and_date(model: str) -> None:
    cost = cost_of(OWN, model, 1_000_000, 500_000)
    assert (cost.amount, cost.currency) == (0.45, "USD")


@pytest.mark.parametrize("model", ["llama3.2", "", "gpt-4o-mini-of-my-own"])
def test_a_model_without_a_price_costs_nothing(model: str) -> None:
    assert cost_of(OWN, model, 1_000_000, 1_000_000).amount == 0.0


def test_the_operators_own_table_stands_over_the_sidecars(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text("currency: BRL\nmodels:\n  llama3.2: [1, 2]\n")
    own = Settings(_env_file=None, llm_prices=str(file))
    cost = cost_of(own, "llama3.2", 1000, 1000)
    assert (cost.amount, cost.currency) == (0.003, "BRL")


@pytest.mark.parametrize("text", [None, "", "models: [1]", "models: {a: [1]}", "]["])
def test_a_file_that_is_no_table_says_so(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "prices.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(NotConfigured, match="CHATWOOTAI_LLM_PRICES"):
        cost_of(Settings(_env_file=None, llm_prices=str(file)), "a", 1, 1)
