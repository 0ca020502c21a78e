"""A product's search text: built from its facts, the same facts always giving the same text.

Nothing of purchase prices or internal notes: they are not among the facts (docs/contracts.md).
The texts come in the tenant's language from the ERP, so no words of ours are added; a language
model may add some (`SearchTextWriter`), kept apart in `enriched`.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any

TEXT_VERSION = 3  # raise it when the same facts give other texts

_DENSE_LONGEST = 1000  # characters an embedding model is given: more blurs what the product is
# "Capa para sofá", "Case for iPad": what stands behind is not what the product is.
_PURPOSE = re.compile(
    r"\s(?:for|para|p/|compatible\s+with|compat[ií]vel\s+com)\s*(?=\S)", re.IGNORECASE
)
_BRAND = {"brand", "marca", "manufacturer", "fabricante", "maker"}


@dataclass(frozen=True, slots=True)
class SearchText:
    """What a product says about itself, by field. `purpose` is the end of the name."""

    name: str
    purpose: str
    category: str
    tags: str
    brand: str
    codes: tuple[str, ...]
    attributes: str
    description: str
    enriched: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """Texts by field for sparse search, the empty ones left out."""
        texts = asdict(self) | {"codes": " ".join(self.codes)}
        return {name: text for name, text in texts.items() if text}

    @property
    def whole_name(self) -> str:
        """The name as the shop wrote it, less the word between its parts."""
        return f"{self.name} {self.purpose}".strip()

    @property
    def whole(self) -> str:
        """Everything that is said of the product in search, for people to read."""
        parts = (self.dense, self.attributes, *self.codes)
        return ". ".join(part for part in parts if part)

    @property
    def dense(self) -> str:
        """One text for an embedding model, the most telling first.

        Without codes, which have no meaning there, and without attributes, whose many figures
        made the vectors worse (measured).
        """
        described = " ".join(part for part in (self.enriched, self.description) if part)
        parts = (self.whole_name, self.category, self.tags, described)
        text = ". ".join(part for part in parts if part)
        return text if len(text) <= _DENSE_LONGEST else text[:_DENSE_LONGEST].rpartition(" ")[0]


def search_text(facts: dict[str, Any], enriched: str = "") -> SearchText:
    """The search text of a product's facts, with what a model wrote about it."""
    sources = [facts, *facts["variants"]]
    codes = [source[key] for source in sources for key in ("default_code", "barcode")]
    attributes = [(a["name"], ", ".join(a["values"])) for a in facts["attributes"]]
    texts = (text for text in (facts["sale_text"], facts["ai_text"]) if text)
    name, purpose = facts["name"], ""
    if split := _PURPOSE.search(name, 1):
        name, purpose = name[: split.start()], name[split.end() :]
    return SearchText(
        name=name,
        purpose=purpose,
        category=facts["category"].replace(" / ", " "),
        tags=", ".join(facts["tags"]),
        brand=" ".join(values for name, values in attributes if name.strip().lower() in _BRAND),
        codes=tuple(dict.fromkeys(code for code in codes if code)),
        attributes="; ".join(f"{name} {values}" for name, values in attributes),
        description=" ".join(texts),
        enriched=enriched,
    )
