"""The products, lies and honest texts of `tests/fixtures/claims.yaml`."""

from pathlib import Path
from typing import Any

import yaml

_TOLD = yaml.safe_load((Path(__file__).parent / "fixtures/claims.yaml").read_text("utf-8"))

LIES: list[list[str]] = _TOLD["lies"]
HONEST: list[list[str]] = _TOLD["honest"]
FEATURES: list[list[str]] = _TOLD["features"]


def language_of(product: str) -> str:
    """The language that the product is described in."""
    return _TOLD["products"][product]["language"]


def brief_of(product: str, **changes: Any) -> dict[str, Any]:
    """The product's writing brief (docs/studio.md); `changes` replace keys."""
    told = _TOLD["products"][product]
    facts = [
        {"source": source, "label": label, "value": str(value)}
        for source, label, value in told["facts"]
    ]
    return {
        "product_id": 5,
        "language": told["language"],
        "facts": facts,
        "missing": [],
        "voice": {},
        "glossary": [],
        "siblings": [],
        "image": False,
        **changes,
    }
