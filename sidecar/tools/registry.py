"""The tools by name: what an agent's `tools` may list.

A name is the same in Odoo, in YAML and for MCP clients. A `_tool` suffix is accepted and dropped
(`product_search_tool` is `product_search`).
"""

from dataclasses import dataclass
from types import MappingProxyType

_SUFFIX = "_tool"


@dataclass(frozen=True, slots=True)
class Tool:
    """A named ability.

    crews:  the crews whose agents it is meant for.
    writes: whether it changes something outside the sidecar's own stores.
    """

    name: str
    description: str
    crews: tuple[str, ...]
    writes: bool = False


_TALKING = ("customer_service", "sales", "analytics")
_PRODUCTS = ("product_management", "social_media", "marketplace")

REGISTRY = MappingProxyType(
    {
        tool.name: tool
        for tool in (
            Tool("product_search", "Find products by words, price and stock.", _TALKING),
            Tool("order_status", "Tell where the contact's own order is.", _TALKING),
            Tool("price_calculator", "Live price for a customer and a quantity.", _TALKING),
            Tool("product_metadata", "Read everything known about one product.", _PRODUCTS),
            Tool("content_generation", "Write product and post texts from facts.", _PRODUCTS),
            Tool("vector_db", "Keep the search index true.", ("product_management",)),
            Tool(
                "odoo_sync",
                "Hand texts and states back to Odoo.",
                ("product_management", "marketplace"),
                writes=True,
            ),
            Tool("image_suggestion", "Suggest product images for a post.", ("social_media",)),
        )
    }
)


def tool_name(value: str) -> str:
    """The registered name `value` stands for; ValueError lists the names there are."""
    name = value if value in REGISTRY else value.removesuffix(_SUFFIX)
    if name not in REGISTRY:
        raise ValueError(f"there is no tool {value[:64]!r}; known: {', '.join(REGISTRY)}")
    return name
