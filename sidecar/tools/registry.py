"""The tools by name: what an agent's `tools`, an MCP key and Odoo may list.

The names themselves are in `sidecar/tenants/tool_names.py`, where documents are checked.
"""

from types import MappingProxyType

from sidecar.tenants.tool_names import READING, WRITING, tool_name
from sidecar.tools import (
    bookings,
    company,
    content,
    customers,
    index,
    payments,
    prices,
    products,
    quotations,
    records,
    rules,
    sales,
    stock,
)
from sidecar.tools.tool import Tool, made

__all__ = ["FAMILIES", "REGISTRY", "Tool", "tool_name"]

FAMILIES = (
    products,
    stock,
    prices,
    customers,
    sales,
    quotations,
    payments,
    bookings,
    rules,
    company,
    records,
    content,
    index,
)

_made = dict(made())
REGISTRY = MappingProxyType({name: _made[name] for name in (*READING, *WRITING)})
