"""What model calls cost: tokens × the price table (`prices.yaml`, or the operator's own file)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sidecar.errors import NotConfigured
from sidecar.settings import Settings

_OWN = Path(__file__).with_name("prices.yaml")
_MILLION = 1_000_000
_DATE = re.compile(r"[-@](?:\d{4}-?\d{2}-?\d{2}|latest)$")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str = Field("USD", pattern=r"^[A-Z]{3}$")
    models: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount in a currency (ISO 4217)."""

    amount: float
    currency: str


def cost_of(settings: Settings, model: str, input_tokens: int, output_tokens: int) -> Cost:
    """What these tokens cost; 0 for a model without a price.

    NotConfigured for a file of the operator's that is no price table.
    """
    table = _table(settings.llm_prices)
    price = table.models.get(model) or table.models.get(_bare(model), (0.0, 0.0))
    amount = (input_tokens * price[0] + output_tokens * price[1]) / _MILLION
    return Cost(round(amount, 8), table.currency)


def _bare(model: str) -> str:
    """The model's name without its provider and its date: `openai/gpt-4o-2024-08-06` → `gpt-4o`."""
    return _DATE.sub("", model.rpartition("/")[2])


@lru_cache(maxsize=4)
def _table(path: str) -> _Table:
    try:
        return _Table.model_validate(yaml.safe_load(Path(path or _OWN).read_text("utf-8")))
    except (OSError, ValueError, yaml.YAMLError, ValidationError):
        raise NotConfigured(
            "CHATWOOTAI_LLM_PRICES names no table of prices; sidecar/llm/prices.yaml shows one."
        ) from None
