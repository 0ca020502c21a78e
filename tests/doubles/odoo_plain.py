"""Standard models of an Odoo without our addons: plain records, searched by domains.

A many2one is stored as `[id, name]`. All terms of a domain are joined by "and", as the sidecar
writes them.
"""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass
class PlainModels:
    """Records by model. `asked` keeps model and domain of each search."""

    records: dict[str, list[Row]]
    uid: int = 7
    asked: list[tuple[str, list[Any]]] = field(default_factory=list)
    contexts: list[Row] = field(default_factory=list)

    def answer(self, model: str, method: str, args: list[Any], named: Row) -> Any:
        """What a public method of the model gives."""
        if (model, method) == ("res.users", "context_get"):
            return {"lang": "pt_BR", "tz": "UTC", "uid": self.uid}
        context = named.get("context", {})
        domain, fields = named["domain"], named.get("fields")
        self.asked.append((model, domain))
        self.contexts.append(context)
        rows = [
            row
            for row in self.records.get(model, [])
            if all(self._holds(row, *term) for term in domain)
            and (row.get("active", True) or not context.get("active_test", True))
        ]
        for part in reversed((named.get("order") or "id").split(", ")):
            name, _, way = part.partition(" ")
            rows.sort(key=lambda row: str(row[name]).rjust(30), reverse=way == "desc")
        rows = rows[: named.get("limit") or None]
        if method == "search_count":
            return len(rows)
        if method == "search":
            return [row["id"] for row in rows]
        return [{"id": row["id"], **{name: row[name] for name in fields}} for row in rows]

    def _holds(self, row: Row, path: str, operator: str, value: Any) -> bool:
        first, _, rest = path.partition(".")
        found = row[first]
        if rest:
            model = {"partner_id": "res.partner"}[first]
            (linked,) = (r for r in self.records[model] if r["id"] == found[0])
            return self._holds(linked, rest, operator, value)
        known = found[0] if isinstance(found, list) else found
        return {
            "=": lambda: known == value,
            "in": lambda: known in value,
            ">": lambda: known > value,
        }[operator]()


def foreign_shop() -> PlainModels:
    """Company 2 with two products, two customers, an order and an invoice; company 3 with one each.

    The same figures as tests/facts.py and tests/shop_facts.py.
    """
    mine, theirs = [2, "Casa"], [3, "Outra"]
    return PlainModels(
        {
            "res.users": [{"id": 7, "company_id": mine}],
            "res.company": [
                {"id": 2, "currency_id": [6, "BRL"]},
                {"id": 3, "currency_id": [1, "EUR"]},
            ],
            "product.template": [
                _product(5, mine),
                _product(6, mine, name="Mesa Ipê", list_price=990.0),
                _product(905, theirs),
                _product(906, False),
            ],
            "product.product": [
                _variant(51, 5, 4.0),
                _variant(61, 6, 0.0),
                _variant(9051, 905, 9.0),
                _variant(9061, 906, 9.0),
            ],
            "product.template.attribute.value": [
                {"id": n, "product_tmpl_id": [5, ""], "attribute_id": [1, "Cor"], "name": name}
                for n, name in ((1, "Azul"), (2, "Cinza"))
            ],
            "res.partner": [
                _partner(7, mine, "Bia Moraes", "bia@example.com", "+5511900000001"),
                _partner(8, mine, "Caio Dias", "caio@example.com", "+5511900000002"),
                _partner(907, theirs, "Bia Moraes", "bia@example.com", "+5511900000001"),
                _partner(9, mine, "Vendedor", "v@example.com", "+5511900000009", share=False),
            ],
            "sale.order": [_order(71, mine, 7), _order(81, mine, 8), _order(9071, theirs, 907)],
            "sale.order.line": [_line(n * 10, n) for n in (71, 81, 9071)],
            "stock.picking": [_picking(31, mine, 71)],
            "account.move": [_move(91, mine, 7), _move(92, mine, 8), _move(9091, theirs, 907)],
        }
    )


def _product(number: int, company: Any, **changes: Any) -> Row:
    return {
        "id": number,
        "company_id": company,
        "sale_ok": True,
        "name": "Sofá Jacarandá",
        "active": True,
        "type": "consu",
        "is_storable": True,
        "categ_id": [1, "Sala / Sofás"],
        "default_code": "SOF-3L",
        "barcode": False,
        "list_price": 2790.0,
        "uom_id": [1, "Unidades"],
        "weight": 41.5,
        "volume": 0.0,
        "description_sale": "Sofá de 3 lugares em linho. Mede 220 x 90 cm.",
        "write_date": "2026-11-23 09:00:00",
        "standard_price": 1111.0,  # never to be asked for
        **changes,
    }


def _variant(number: int, product: int, free: float) -> Row:
    return {
        "id": number,
        "product_tmpl_id": [product, ""],
        "display_name": "Sofá Jacarandá (Azul)",
        "default_code": "SOF-3L",
        "barcode": False,
        "lst_price": 2790.0,
        "qty_available": free,
        "free_qty": free,
        "virtual_available": free,
    }


def _partner(
    number: int, company: Any, name: str, email: str, phone: str, share: bool = True
) -> Row:
    return {
        "id": number,
        "company_id": company,
        "name": name,
        "email": email,
        "email_normalized": email,
        "phone": phone,
        "phone_sanitized": phone,
        "lang": "pt_BR",
        "create_date": "2025-03-02 10:00:00",
        "contact_address": "Rua das Palmeiras, 10\nSão Paulo",
        "commercial_partner_id": [number, name],
        "partner_share": share,
    }


def _order(number: int, company: Any, partner: int) -> Row:
    return {
        "id": number,
        "company_id": company,
        "partner_id": [partner, ""],
        "name": f"S{number:05d}",
        "date_order": "2026-11-20 14:00:00",
        "state": "sale",
        "amount_total": 2790.0,
        "currency_id": [6, "BRL"],
        "invoice_status": "to invoice",
        "locked": False,
    }


def _line(number: int, order: int) -> Row:
    return {
        "id": number,
        "order_id": [order, ""],
        "display_type": False,
        "name": "Sofá Jacarandá\nlinho",
        "product_uom_qty": 1.0,
        "qty_delivered": 0.0,
        "price_unit": 2790.0,
        "price_total": 2790.0,
    }


def _picking(number: int, company: Any, order: int) -> Row:
    return {
        "id": number,
        "company_id": company,
        "sale_id": [order, ""],
        "picking_type_code": "outgoing",
        "name": "WH/OUT/00031",
        "state": "assigned",
        "scheduled_date": "2026-11-27 12:00:00",
        "date_done": False,
    }


def _move(number: int, company: Any, partner: int) -> Row:
    return {
        "id": number,
        "company_id": company,
        "commercial_partner_id": [partner, ""],
        "move_type": "out_invoice",
        "state": "posted",
        "name": f"INV/2026/{number:05d}",
        "invoice_date": "2026-11-20",
        "invoice_date_due": "2026-12-20",
        "payment_state": "partial",
        "amount_total": 2790.0,
        "amount_residual": 1395.0,
        "currency_id": [6, "BRL"],
    }
