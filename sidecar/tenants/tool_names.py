"""The names of tools, which documents list: the same in Odoo, in YAML and for MCP clients.

A `_tool` suffix is accepted and dropped (`product_search_tool` is `product_search`).
"""

READING = (
    "product_search",
    "product_metadata",
    "product_variants",
    "product_compare",
    "product_alternatives",
    "stock_levels",
    "price_calculator",
    "customer_identify",
    "customer_verify",
    "customer_profile",
    "order_status",
    "delivery_status",
    "quotation_link",
    "invoice_status",
    "payment_link",
    "calendar_slots",
    "calendar_bookings",
    "rules_in_force",
    "company_info",
    "record_search",
    "record_read",
    "record_group",
    "content_generation",
    "image_suggestion",
)
WRITING = (
    "quotation_create",
    "quotation_add_line",
    "order_reorder",
    "calendar_book",
    "calendar_move",
    "calendar_cancel",
    "vector_db",
    "odoo_sync",
)
NAMES = frozenset(READING + WRITING)

_SUFFIX = "_tool"


def tool_name(value: str) -> str:
    """The name `value` stands for; ValueError lists the names there are."""
    name = value if value in NAMES else value.removesuffix(_SUFFIX)
    if name not in NAMES:
        raise ValueError(f"there is no tool {value[:64]!r}; known: {', '.join(READING + WRITING)}")
    return name


def writing_tool_name(value: str) -> str:
    """As `tool_name`, of the tools that write; ValueError for one that only reads."""
    name = tool_name(value)
    if name not in WRITING:
        raise ValueError(f"{name} does not write; those that do: {', '.join(WRITING)}")
    return name
