"""Invented customers, orders and appointments, of the shapes of docs/tools.md."""

from typing import Any


def partner(**changes: Any) -> dict[str, Any]:
    """A customer. family: the commercial partner's id; discount: percent of the price list."""
    found = {
        "id": 7,
        "name": "Bia Moraes",
        "email": "bia@example.com",
        "phone": "+5511900000001",
        "language": "pt_BR",
        "pricelist": "Público",
        "addresses": [{"kind": "main", "text": "Rua das Palmeiras, 10, São Paulo"}],
        "since": "2025-03-02",
        "discount": 0,
        **changes,
    }
    return {"family": found["id"], **found}


def order(**changes: Any) -> dict[str, Any]:
    """A confirmed order of partner 7, half delivered."""
    return {
        "partner_id": 7,
        "id": 71,
        "name": "S00071",
        "date": "2026-11-20T14:00:00Z",
        "state": "order",
        "total": 2790.0,
        "currency": "BRL",
        "lines": [
            {
                "name": "Sofá Jacarandá",
                "quantity": 1.0,
                "delivered": 0.0,
                "unit_price": 2790.0,
                "total": 2790.0,
            }
        ],
        "deliveries": [
            {
                "name": "WH/OUT/00031",
                "state": "ready",
                "scheduled": "2026-11-27T12:00:00Z",
                "done": False,
                "carrier": "Rápido",
                "tracking": "BR123",
                "tracking_url": "https://rapido.example/BR123",
            }
        ],
        "invoiced": "to invoice",
        "url": "https://shop.example/my/orders/71?access_token=t71",
        **changes,
    }


def invoice(**changes: Any) -> dict[str, Any]:
    """A posted invoice of partner 7, half paid."""
    return {
        "partner_id": 7,
        "id": 91,
        "name": "INV/2026/00091",
        "date": "2026-11-20",
        "due": "2026-12-20",
        "state": "posted",
        "payment": "partial",
        "total": 2790.0,
        "residual": 1395.0,
        "currency": "BRL",
        "url": "https://shop.example/my/invoices/91?access_token=t91",
        **changes,
    }


def booking(**changes: Any) -> dict[str, Any]:
    """A coming appointment of partner 7."""
    return {
        "partner_id": 7,
        "id": 61,
        "service": "Montagem",
        "rule_id": 4,
        "start": "2026-11-30T13:00:00Z",
        "end": "2026-11-30T14:00:00Z",
        "resource": "Ana Ribeiro",
        "state": "booked",
        **changes,
    }
