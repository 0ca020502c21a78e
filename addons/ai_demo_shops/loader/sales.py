from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .records import Records


def load_orders(records: Records, shop, place, customers, variants):
    """Create the shop's quotations and orders and bring each to its state and delivery.

    `customers` maps keys to partners, `variants` (product key, frozenset of value keys) to
    product.product.
    """
    key = shop["key"]
    # The oldest first, as their numbers say.
    chronological = sorted(shop["order"], key=lambda data: -data["days_ago"])
    names = {f"{key}_order_{data['key']}": data for data in chronological}
    salespeople = [u for u in shop["user"] if u["role"] == "salesperson"]
    seller = place.users[salespeople[0]["key"]]
    now = fields.Datetime.now()
    orders, new = records.ensure(
        records.env["sale.order"]
        .with_company(place.company)
        .with_context(lang=place.language, allowed_company_ids=place.company.ids),
        {
            name: {
                "partner_id": customers[data["customer"]].id,
                "company_id": place.company.id,
                "warehouse_id": place.warehouse.id,
                "team_id": place.team.id,
                "user_id": seller.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": variants[
                                line["product"], frozenset(line.get("values", ()))
                            ].id,
                            "product_uom_qty": line["quantity"],
                        }
                    )
                    for line in data["lines"]
                ],
            }
            for name, data in names.items()
        },
    )
    for place, name in enumerate(new):
        _bring_to_state(orders[name], names[name])
        # Spread over six hours of the day: not every customer buys at the same minute.
        age = timedelta(days=names[name]["days_ago"], minutes=place * 47 % 360)
        _date_back(orders[name], now - age)


def _bring_to_state(order, data):
    if data["state"] == "sent":
        order.action_quotation_sent()
    elif data["state"] == "cancel":
        order._action_cancel()
    elif data["state"] == "sale":
        order.action_confirm()
        _deliver(order.picking_ids, data["delivery"])


def _deliver(pickings, delivery):
    """Reserve the pickings and ship nothing, half (rounded up, of the first line) or all."""
    pickings.action_assign()
    if delivery == "waiting":
        return
    moves = pickings.move_ids
    if delivery == "partial":
        first = moves[:1]
        (moves - first).write({"quantity": 0})
        first.picked = True
    else:
        moves.picked = True
    # The rest of a partial shipment waits in a backorder, without asking.
    pickings.with_context(skip_backorder=True, skip_sms=True).button_validate()


def _date_back(order, date):
    """Date the order and what was shipped as if it had happened `days_ago`."""
    order.date_order = date
    shipped = order.picking_ids.filtered(lambda picking: picking.state == "done")
    shipped.write({"date_done": date + timedelta(days=2)})
    shipped.move_ids.write({"date": date + timedelta(days=2)})
