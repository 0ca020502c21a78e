"""A product's search text: built from its facts, the same facts always giving the same text.

Nothing of purchase prices or internal notes: they are not among the facts (docs/contracts.md).
The texts come in the tenant's language from the ERP, so no words of ours are added.
"""

from dataclasses import dataclass
from typing import Any

TEXT_VERSION = 2  # raise it when the same facts give other texts or weights


@dataclass(frozen=True, slots=True)
class SearchText:
    """What a product says about itself, by field."""

    name: str
    category: str
    tags: str
    codes: tuple[str, ...]
    attributes: str
    description: str

    @property
    def weighted(self) -> tuple[tuple[str, float], ...]:
        """(text, weight) of each field for sparse search: a word in the name counts three times."""
        return (
            (self.name, 3.0),
            (self.category, 1.5),
            (self.tags, 1.5),
            (" ".join(self.codes), 1.0),
            (self.attributes, 1.0),
            (self.description, 1.0),
        )

    @property
    def dense(self) -> str:
        """One text for an embedding model, the most telling first; codes have no meaning there."""
        parts = (self.name, self.category, self.tags, self.attributes, self.description)
        return ". ".join(part for part in parts if part)


def search_text(facts: dict[str, Any]) -> SearchText:
    """The search text of a product's facts."""
    sources = [facts, *facts["variants"]]
    codes = [source[key] for source in sources for key in ("default_code", "barcode")]
    attributes = (f"{a['name']} {', '.join(a['values'])}" for a in facts["attributes"])
    texts = (text for text in (facts["sale_text"], facts["ai_text"]) if text)
    return SearchText(
        name=facts["name"],
        category=facts["category"].replace(" / ", " "),
        tags=", ".join(facts["tags"]),
        codes=tuple(dict.fromkeys(code for code in codes if code)),
        attributes="; ".join(attributes),
        description=" ".join(texts),
    )
