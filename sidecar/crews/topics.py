"""What a customer's words are about, where code has to know before a model reads them."""

import re

from sidecar.claims.text import fold

_ORDERS = re.compile(
    r"\b(?:meus? pedidos?|pedido|encomenda|rastre\w*|minha compra|minha entrega|chegou|chega quando"
    r"|quando chega|cade|onde esta meu|status do|nota fiscal|my orders?|order status|track\w*"
    r"|where is my|my delivery|my package|has it shipped|s\d{4,}|mi pedido|mis pedidos|mi compra"
    r"|mi entrega|seguimiento|donde esta mi|cuando llega)\b"
)


def asks_about_orders(text: str) -> bool:
    """Whether the words are about an order or a delivery of the customer's own."""
    return bool(_ORDERS.search(fold(text)))
