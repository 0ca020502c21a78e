"""Resources: what a client may put before a model without asking for it by a tool.

Each is what a reading tool says, so the same rights, caps and audit hold.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class View:
    """tool: whose answer it is. uri: an address, of templates with `{id}`."""

    uri: str
    name: str
    title: str
    text: str
    tool: str
    argument: str = ""

    def arguments(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The tool's arguments for the number in an address; the tool refuses what is none."""
        told = str(parameters.get("id", ""))
        number: Any = int(told) if told.isascii() and told.isdigit() and len(told) < 11 else told
        return {self.argument: number}


RESOURCES = (
    View(
        "company://profile",
        "company_profile",
        "Company profile",
        "Who the shop is, whether it is open now and when.",
        "company_info",
    ),
    View(
        "rules://in-force",
        "rules_in_force",
        "Rules in force",
        "Delivery, payment, returns, warranty and promotions that hold at this moment.",
        "rules_in_force",
    ),
)
TEMPLATES = (
    View(
        "product://{id}",
        "product",
        "Product",
        "A product's facts: price, stock, attributes, texts.",
        "product_metadata",
        "product_id",
    ),
)
