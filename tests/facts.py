"""Invented product facts of the shape of docs/contracts.md."""

from typing import Any


def product_facts(**changes: Any) -> dict[str, Any]:
    """One furniture product; `changes` replace keys."""
    return {
        "id": 5,
        "name": "Sofá Jacarandá",
        "active": True,
        "type": "consu",
        "is_storable": True,
        "category": "Sala / Sofás",
        "default_code": "SOF-3L",
        "barcode": "",
        "price": 2790.0,
        "currency": "BRL",
        "uom": "Unidades",
        "weight": 41.5,
        "volume": 0.0,
        "available": 4.0,
        "in_stock": True,
        "sale_text": "Sofá de 3 lugares em linho. Mede 220 x 90 cm.",
        "attributes": [{"name": "Cor", "values": ["Azul", "Cinza"]}],
        "tags": ["sala"],
        "variants": [],
        "ai_text": "",
        "image_url": "",
        "write_date": "2026-11-23 09:00:00",
        **changes,
    }
