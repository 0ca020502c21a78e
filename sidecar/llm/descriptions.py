"""The writer of product texts without a model: puts the facts of a brief together.

It invents nothing because it only repeats facts, in the language they come in; the same brief
always gives the same texts.
"""

import re
import unicodedata
from html import escape
from typing import Any

from sidecar.llm.decimals import measures

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_SHORT_VALUE = 120  # characters of a value that reads as a feature
_NAME = 40  # characters of a value that names something
_PARAGRAPH = 1500
_MOST_FEATURES = 12
_HIDDEN = {"field:name", "field:description_sale", "field:default_code", "field:barcode",
           "category", "tags", "variants"}  # fmt: skip
_POINTED = {"field:weight", "field:volume"}  # Odoo's own floats, written with a point everywhere
_USES = re.compile(
    r"^(?:usos?|uso recomendado|indica(?:cao|coes|do para)|aplica(?:cao|coes|cion|ciones)"
    r"|ambientes?|ocasi(?:ao|oes|on|ones)|uses?|recommended use|use cases?|rooms?|occasions?"
    r"|indicaciones|recomendado para|ideal para)$"
)
_LIST = re.compile(r"\s*[,;/]\s*|\n")


def describe(brief: dict[str, Any], shop: str = "") -> dict[str, Any]:
    """Every part of a product's texts (docs/studio.md) from the facts of its brief."""
    facts = [_written(fact, brief["language"]) for fact in brief["facts"]]
    name = _value(facts, "field:name") or (facts[0]["value"] if facts else shop)
    category = re.split(r"\s*/\s*", _value(facts, "category"))[-1]
    named = f"{name} ({category})" if category and category not in name else name
    said = " ".join(_value(facts, "field:description_sale").split())
    told = [f for f in facts if f["source"] not in _HIDDEN and not _is_document(f)]
    uses = [item for f in told if _is_use(f) for item in _items(f["value"])]
    features = [
        f"{f['label']}: {f['value']}"
        for f in told
        if not _is_use(f) and f["label"] and len(f["value"]) <= _SHORT_VALUE
    ][:_MOST_FEATURES]
    long = [f["value"] for f in told if len(f["value"]) > _SHORT_VALUE and not _is_use(f)]
    shown = [value for f in told if f["source"].startswith("attribute:") for value in _named(f)]
    first = _SENTENCE.split(said, maxsplit=1)[0]
    return {
        "short_description": first or " – ".join([named, *features[:2]]),
        "description": _html(named, [said, *long], features, brief["voice"].get("length")),
        "key_features": features,
        "use_cases": uses,
        "tags": _distinct([*_items(_value(facts, "tags")), category, *shown]),
        "seo_title": _joined(" – ", [name, category if category not in name else "", shop], 60),
        "meta_description": _joined(". ", [first.rstrip(".") or named, *features], 155),
        "image_alt": _joined(", ", [name, *shown], 125),
    }


def _html(named: str, texts: list[str], features: list[str], length: str | None) -> str:
    paragraphs = [f"<p><strong>{escape(named, quote=False)}</strong></p>"]
    wanted = texts[:1] if length == "short" else texts
    paragraphs += [
        f"<p>{escape(' '.join(_start(text).split()), quote=False)}</p>" for text in wanted if text
    ]
    if features:
        items = "".join(f"<li>{escape(feature, quote=False)}</li>" for feature in features)
        paragraphs.append(f"<ul>{items}</ul>")
    return "".join(paragraphs)


def _start(text: str) -> str:
    """As many whole sentences as make a paragraph."""
    if len(text) <= _PARAGRAPH:
        return text
    kept = ""
    for sentence in _SENTENCE.split(text):
        if len(kept) + len(sentence) + 1 > _PARAGRAPH:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or text[:_PARAGRAPH].rpartition(" ")[0]


def _joined(mark: str, texts: list[str], longest: int) -> str:
    """As many of the texts as fit, the first in any case."""
    kept = ""
    for text in filter(None, texts):
        longer = f"{kept}{mark}{text}" if kept else text
        if kept and len(longer) > longest:
            break
        kept = longer
    return kept


def _written(fact: dict[str, str], language: str) -> dict[str, str]:
    """The fact with its measures as the language writes them; names and codes stay."""
    if fact["source"] in _HIDDEN and fact["source"] != "field:description_sale":
        return fact
    pointed = fact["source"] in _POINTED
    return {**fact, "value": measures(fact["value"], language, pointed)}


def _value(facts: list[dict[str, str]], source: str) -> str:
    return next((fact["value"] for fact in facts if fact["source"] == source), "")


def _is_document(fact: dict[str, str]) -> bool:
    return fact["source"].startswith("document:")


def _is_use(fact: dict[str, str]) -> bool:
    label = unicodedata.normalize("NFD", fact["label"].strip().lower())
    return bool(_USES.match("".join(c for c in label if not unicodedata.combining(c))))


def _named(fact: dict[str, str]) -> list[str]:
    """An attribute's values that name something; bare figures and long texts do not."""
    values = re.split(r"\s*[,;]\s+|\n", fact["value"])
    return [v.strip() for v in values if re.search(r"[^\W\d]{2}", v) and len(v) <= _NAME]


def _items(text: str) -> list[str]:
    return _distinct(_LIST.split(text.strip().rstrip(".")))


def _distinct(items: list[str]) -> list[str]:
    return list({item.strip().lower(): item.strip() for item in items if item.strip()}.values())
