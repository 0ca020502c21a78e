"""What the parts of the façade's double share: rows, a UserError, and how orders are shown."""

import xmlrpc.client
from typing import Any

Row = dict[str, Any]


def user_error(text: str) -> xmlrpc.client.Fault:
    """What Odoo says to a caller who did something wrong."""
    return xmlrpc.client.Fault(2, text)


def shown(rows: list[Row], name: Any, limit: int) -> list[Row]:
    """Rows of that name, without whose they are."""
    found = [row for row in rows if not name or row["name"] == name]
    return [{k: v for k, v in row.items() if k != "partner_id"} for row in found[: min(limit, 20)]]


def line_of(quote: Row) -> Row:
    """An order's line of a price quote."""
    return {
        "name": quote["name"],
        "quantity": quote["quantity"],
        "delivered": 0.0,
        "unit_price": quote["unit_price"],
        "total": quote["total"],
    }
