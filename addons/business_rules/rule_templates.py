"""Ready-made rules per business area, in three languages. Plain Python without Odoo.

A file templates/<area>.toml holds [[rule]] tables: `key`, `kind` (of a rule, or "scheduling"),
`values` for the record, `payment_methods` (codes), and one table of texts per language (`en`,
`pt_BR`, `es`) with `name` and, where there are any, the other texts of the record.
"""

import tomllib
from pathlib import Path

FOLDER = Path(__file__).parent / "templates"
AREAS = ("restaurant", "ecommerce", "clinic", "cosmetics", "furniture")
LANGUAGES = ("en", "pt_BR", "es")
# Which templates suit a tenant's business area; the others begin with e-commerce.
SUITABLE = {
    "restaurant": "restaurant",
    "hospitality": "restaurant",
    "healthcare": "clinic",
    "cosmetics": "cosmetics",
    "furniture": "furniture",
}


def area_for(business_area: str) -> str:
    """Return the area whose templates suit a tenant's `business_area`."""
    return SUITABLE.get(business_area, "ecommerce")


def language_for(code: str) -> str:
    """Return the language of templates for a locale such as es_MX or pt_BR."""
    if code in LANGUAGES:
        return code
    family = (code or "").partition("_")[0]
    return {"pt": "pt_BR", "es": "es"}.get(family, "en")


def read(area: str, language: str) -> list[dict]:
    """Return the rules of `area` with the texts of `language`.

    Each is {"key": "area.key", "model": "rule" | "scheduling", "kind", "name", "text",
    "values", "payment_methods"}; `values` are those of the record, the other texts included.
    """
    data = tomllib.loads((FOLDER / f"{area}.toml").read_text(encoding="utf-8"))
    rules = []
    for rule in data["rule"]:
        texts = dict(rule[language])
        scheduling = rule["kind"] == "scheduling"
        rules.append(
            {
                "key": f"{area}.{rule['key']}",
                "model": "scheduling" if scheduling else "rule",
                "kind": rule["kind"],
                "name": texts.pop("name"),
                "text": texts.pop("text", "").strip(),
                "values": {**rule.get("values", {}), **texts},
                "payment_methods": rule.get("payment_methods", []),
            }
        )
    return rules
