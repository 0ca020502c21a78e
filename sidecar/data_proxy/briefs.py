"""What the writer of product texts may use, read live (docs/studio.md)."""

from typing import Any

from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.erp.methods import call_of
from sidecar.errors import NotOffered
from sidecar.llm.sentences import number, translations


def writing_brief(proxy: DataProxyAgent, product_id: int, language: str) -> dict[str, Any]:
    """The brief of one product; of its plain facts where the ERP has no briefs.

    NotFound or Unprocessable for a product the tenant does not have.
    """
    try:
        return proxy.house.read(call_of("writing_brief", product_id, language), fresh=True).value
    except NotOffered:  # an Odoo without our studio, or another ERP
        pass
    return brief_of(proxy.product(product_id, language), language)


def brief_of(facts: dict[str, Any], language: str) -> dict[str, Any]:
    """A brief from a product's facts (`docs/contracts.md`): no voice, nothing asked for."""
    _ = translations(language).gettext
    weight = f"{number(facts['weight'], language)} kg" if facts["weight"] else ""
    told = [
        ("field:name", _("Name"), facts["name"]),
        ("field:description_sale", _("Description"), facts["sale_text"]),
        ("field:weight", _("Weight"), weight),
        ("category", _("Category"), facts["category"]),
        *(
            (f"attribute:{a['name']}", a["name"], ", ".join(a["values"]))
            for a in facts["attributes"]
        ),
        ("tags", _("Tags"), ", ".join(facts["tags"])),
    ]
    return {
        "product_id": facts["id"],
        "language": language,
        "facts": [
            {"source": source, "label": label, "value": value}
            for source, label, value in told
            if value
        ],
        "missing": [],
        "voice": {},
        "glossary": [],
        "siblings": [],
        "image": False,
    }
