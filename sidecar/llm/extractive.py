"""The writer without a model: composes answers and descriptions from facts alone.

It is what the house answers with when no LLM is configured, and the fallback when one fails. It
invents nothing because it can only repeat facts.
"""

import re
from html import escape
from typing import Any

from sidecar.llm.sentences import money, number, translations

_GREETING = re.compile(
    r"(?i)^\W*(oi+|ol[aá]|bom dia|boa tarde|boa noite|hi|hello|hey|good (morning|evening))"
    r"\b\W*(tudo bem|tudo bom|how are you)?\W*$"
)
_THANKS = re.compile(r"(?i)^\W*(muito )?(obrigad[oa]|valeu|thanks?|thank you)\b.{0,20}$")
_PERSON = re.compile(
    r"(?i)\b(atendente|humano|pessoa de verdade|falar com (algu[eé]m|uma pessoa|um vendedor)"
    r"|human|real person|(speak|talk) (to|with) (a|some)(one|body| person| human))\b"
)


def wants_person(text: str) -> bool:
    """Whether the customer asks for a human being."""
    return bool(_PERSON.search(text))


def answer(question: str, products: list[dict[str, Any]], shop: str, language: str) -> str:
    """An answer to `question` from the products that were found (facts of `docs/contracts.md`)."""
    _ = translations(language).gettext
    if _GREETING.match(question):
        return _("Hello! This is %(shop)s. What are you looking for?") % {"shop": shop}
    if _THANKS.match(question):
        return _("You're welcome! Just write if you need anything else.")
    if not products:
        return _(
            "I could not find that in our catalog. Could you say it in other words? "
            "If you prefer, ask for a person and I will call one."
        )
    lines = [_("This is what we have:") if len(products) > 1 else _("We have this one:")]
    lines += [f"• {product_line(product, language)}" for product in products]
    lines.append(_("Which one would you like to know more about?"))
    return "\n".join(lines)


def product_line(product: dict[str, Any], language: str) -> str:
    """One product in one line: name, live price, live stock."""
    _ = translations(language).gettext
    parts = [f"**{product['name']}**", money(product["price"], product["currency"], language)]
    if product["is_storable"] and product["available"] > 0:
        quantity = number(product["available"], language)
        parts.append(_("%(quantity)s in stock") % {"quantity": quantity})
    elif product["in_stock"]:
        parts.append(_("available"))
    else:
        parts.append(_("out of stock"))
    return " – ".join(parts)


def description(product: dict[str, Any], language: str) -> dict[str, Any]:
    """A product description from the product's facts: the `generate_description` result's texts."""
    _ = translations(language).gettext
    name, category = product["name"], product["category"].split(" / ")[-1]
    sale_text = " ".join(product["sale_text"].split())
    first = re.split(r"(?<=[.!?])\s", sale_text, maxsplit=1)[0]
    features = [f"{a['name']}: {', '.join(a['values'])}" for a in product["attributes"]]
    if product["weight"]:
        weight = number(product["weight"], language)
        features.append(_("Weight: %(weight)s kg") % {"weight": weight})
    named = f"{name} ({category})" if category else name
    paragraphs = [f"<p><strong>{escape(named)}</strong></p>"]
    if sale_text:
        paragraphs.append(f"<p>{escape(sale_text)}</p>")
    if features:
        items = "".join(f"<li>{escape(feature)}</li>" for feature in features)
        paragraphs.append(f"<ul>{items}</ul>")
    tags = [*product["tags"], *([category] if category else [])]
    return {
        "short_description": first or named,
        "description": "".join(paragraphs),
        "key_features": features,
        "use_cases": [],
        "tags": list(dict.fromkeys(tags)),
    }
