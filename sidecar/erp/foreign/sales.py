"""Standard fields of orders, deliveries and invoices in the shapes of docs/tools.md."""

from typing import Any

from sidecar.erp.base import Row

PROFILE = [
    *("name", "email", "phone", "lang", "create_date", "contact_address", "commercial_partner_id"),
]
ORDER = ["name", "date_order", "state", "amount_total", "currency_id", "invoice_status", "locked"]
LINE = ["name", "product_uom_qty", "qty_delivered", "price_unit", "price_total"]
PICKING = ["name", "state", "scheduled_date", "date_done"]
INVOICE = [
    *("name", "invoice_date", "invoice_date_due", "state", "payment_state"),
    *("amount_total", "amount_residual", "currency_id"),
]

_ORDERS = {"draft": "quotation", "sent": "quotation", "sale": "order", "cancel": "cancelled"}
_DELIVERIES = {"assigned": "ready", "done": "done", "cancel": "cancelled"}
_INVOICED = {"invoiced": "invoiced", "upselling": "invoiced", "to invoice": "to invoice"}


def order_of(order: Row, lines: list[Row], pickings: list[Row]) -> Row:
    """An order with its lines and deliveries. Without our addons nobody hands out its link."""
    state = _ORDERS.get(order["state"], "order")
    return {
        "id": order["id"],
        "name": order["name"],
        "date": instant(order["date_order"]),
        "state": "done" if state == "order" and order["locked"] else state,
        "total": order["amount_total"],
        "currency": order["currency_id"][1],
        "lines": [
            {
                "name": line["name"].partition("\n")[0],
                "quantity": line["product_uom_qty"],
                "delivered": line["qty_delivered"],
                "unit_price": line["price_unit"],
                "total": line["price_total"],
            }
            for line in lines
        ],
        "deliveries": [
            {
                "name": picking["name"],
                "state": _DELIVERIES.get(picking["state"], "waiting"),
                "scheduled": instant(picking["scheduled_date"]),
                "done": instant(picking["date_done"]),
                "carrier": "",
                "tracking": "",
                "tracking_url": "",
            }
            for picking in pickings
        ],
        "invoiced": _INVOICED.get(order["invoice_status"], "no"),
        "url": "",
    }


def invoice_of(move: Row) -> Row:
    """A posted invoice."""
    return {
        "id": move["id"],
        "name": move["name"],
        "date": move["invoice_date"],
        "due": move["invoice_date_due"],
        "state": "posted",
        "payment": move["payment_state"],
        "total": move["amount_total"],
        "residual": move["amount_residual"],
        "currency": move["currency_id"][1],
        "url": "",
    }


def instant(text: Any) -> str | bool:
    """Odoo's `2026-11-20 14:00:00` (UTC) as `2026-11-20T14:00:00Z`; False for none."""
    return f"{str(text)[:19].replace(' ', 'T')}Z" if text else False


def day(text: Any) -> str | bool:
    """The date of an instant."""
    return str(text)[:10] if text else False
