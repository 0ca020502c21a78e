"""What an invented shop's own ERP would send (docs/erp-client.md)."""

from typing import Any


def product_row(**changes: Any) -> dict[str, Any]:
    """A sofa, as tests/facts.py knows it."""
    return {
        "id": "SOF-3L",
        "updated_at": "2026-11-23T09:00:00Z",
        "name": "Sofá Jacarandá",
        "category": "Sala / Sofás",
        "code": "SOF-3L",
        "price": 2790.0,
        "unit": "Unidades",
        "weight": 41.5,
        "stock": 4,
        "description": "Sofá de 3 lugares em linho. Mede 220 x 90 cm.",
        "attributes": {"Cor": ["Azul", "Cinza"]},
        "tags": ["sala"],
        **changes,
    }


def customer_row(**changes: Any) -> dict[str, Any]:
    """Bia."""
    return {
        "id": "C-7",
        "updated_at": "2026-11-20T09:00:00Z",
        "name": "Bia Moraes",
        "email": "Bia@Example.com",
        "mobile": "+55 (11) 90000-0001",
        "language": "pt_BR",
        "since": "2025-03-02",
        "addresses": [{"kind": "main", "text": "Rua das Palmeiras, 10, São Paulo"}],
        **changes,
    }


def order_row(**changes: Any) -> dict[str, Any]:
    """Bia's order, ready to be delivered."""
    return {
        "id": "PED-71",
        "updated_at": "2026-11-20T14:00:00Z",
        "customer_id": "C-7",
        "name": "S00071",
        "date": "2026-11-20T14:00:00Z",
        "state": "order",
        "total": 2790.0,
        "lines": [{"name": "Sofá Jacarandá", "quantity": 1, "unit_price": 2790.0, "total": 2790.0}],
        "deliveries": [
            {
                "name": "NF 31",
                "state": "ready",
                "scheduled": "2026-11-27T12:00:00Z",
                "carrier": "Rápido",
                "tracking": "BR123",
                "tracking_url": "https://rapido.example/BR123",
            }
        ],
        **changes,
    }
