"""Which fields of orders and invoices the integration user may read, and the façade tells.

Never in here: margins and costs, internal notes, salespeople, the customer's reference, chatter.
"""

ORDER = (
    "name",
    "partner_id",
    "state",
    "date_order",
    "commitment_date",
    "validity_date",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "currency_id",
    "invoice_status",
    "delivery_status",
    "ai_made",
)
ORDER_LINE = (
    "order_id",
    "order_partner_id",
    "product_id",
    "name",
    "product_uom_qty",
    "qty_delivered",
    "qty_invoiced",
    "price_unit",
    "discount",
    "price_subtotal",
    "price_total",
    "currency_id",
    "state",
)
INVOICE = (
    "name",
    "partner_id",
    "move_type",
    "state",
    "payment_state",
    "invoice_date",
    "invoice_date_due",
    "amount_untaxed",
    "amount_total",
    "amount_residual",
    "currency_id",
)
