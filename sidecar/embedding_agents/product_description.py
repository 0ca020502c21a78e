"""A product's search text: built from its facts, the same facts always giving the same text.

No prices of purchase, no internal notes: they are not among the facts (docs/contracts.md).
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SearchText:
    """Fields of a product with the weight of each in sparse search, and one text for dense."""

    fields: tuple[tuple[str, float], ...]

    @property
    def dense(self) -> str:
        """All fields as one text, the most telling first."""
        return ". ".join(text for text, _weight in self.fields if text)


def search_text(facts: dict[str, Any]) -> SearchText:
    """The search text of a product's facts."""
    variants = " ".join(
        f"{variant['default_code']} {variant['barcode']}" for variant in facts["variants"]
    )
    attributes = "; ".join(f"{a['name']} {' '.join(a['values'])}" for a in facts["attributes"])
    return SearchText(
        (
            (facts["name"], 3.0),
            (facts["category"].replace(" / ", " "), 1.5),
            (" ".join(facts["tags"]), 1.5),
            (f"{facts['default_code']} {facts['barcode']} {variants}".strip(), 1.0),
            (attributes, 1.0),
            (facts["sale_text"], 1.0),
            (facts["ai_text"], 0.5),
        )
    )
