from . import (
    account_move,
    ai_facade,
    ai_facade_orders,
    ai_facade_payments,
    ai_facade_quotations,
    sale_order,
)
