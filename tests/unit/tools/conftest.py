"""A shop with two tenants, whose customers have orders, invoices and bookings."""

from collections.abc import Iterator

import pytest

from sidecar.settings import Settings
from tests.business_rules import fact, profile_facts
from tests.doubles.odoo import OdooDouble
from tests.facts import product_facts
from tests.shop_facts import booking, invoice, order, partner
from tests.tools_house import ToolsHouse

PAYMENT = fact(
    id=1,
    subkind="payment",
    title="Pagamento",
    sentence="Em até 10 parcelas. 5% no PIX.",
    structure={
        "payment": {
            "methods": ["pix", "credit_card"], "cash_change": False, "installments_max": 10,
            "installments_free": 10, "installment_min": 50.0, "pix_discount": 5.0,
        },
        "currency": "BRL",
    },
)  # fmt: skip
ASSEMBLY = fact(
    kind="scheduling",
    id=4,
    group="scheduling",
    subkind="installation",
    title="Montagem",
    structure={
        "scheduling": {
            "duration": 60, "buffer": 0, "notice_hours": 2, "horizon_days": 30,
            "information": "Endereço\nTelefone", "cancellation_policy": "Até 24 h antes.",
        }
    },
)  # fmt: skip
SLOTS = [
    {
        "start": f"2026-11-27T{hour}:00:00Z",
        "end": f"2026-11-27T{hour + 1}:00:00Z",
        "resource": "Ana",
    }
    for hour in (12, 13, 14)
]


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    products = [
        product_facts(),
        product_facts(id=6, name="Poltrona Ipê", price=990.0, default_code="POL-1", available=2.0),
        product_facts(
            id=8, name="Mesa Cedro", price=1500.0, available=0.0, in_stock=False, default_code="M-1"
        ),
    ]
    double = OdooDouble(
        products=products,
        rules=[PAYMENT, fact(id=2), ASSEMBLY],
        profile=profile_facts(),
        slots=[dict(slot) for slot in SLOTS],
        partners=[
            partner(),
            partner(id=8, name="Caio Reis", email="caio@example.com", phone="+5511900000008"),
        ],
        orders=[
            order(id=72, name="S00072", state="quotation", deliveries=[], invoiced="no"),
            order(),
            order(id=81, name="S00081", partner_id=8),
        ],
        invoices=[invoice(), invoice(id=98, name="INV/2026/00098", partner_id=8)],
        bookings=[booking(), booking(id=68, partner_id=8)],
        records={
            "sale.order": [
                {"id": 71, "name": "S00071", "state": "sale", "amount_total": 2790.0},
                {"id": 81, "name": "S00081", "state": "sale", "amount_total": 10.0},
            ]
        },
    )
    with double:
        yield double


@pytest.fixture
def house(settings: Settings, odoo: OdooDouble) -> ToolsHouse:
    return ToolsHouse(settings, odoo)
