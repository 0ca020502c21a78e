"""Who is the owner for the tools is who the routing takes for the owner."""

from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.control.audit import AuditLog
from sidecar.hub.toolbench import bench
from sidecar.hub.turn import Customer
from sidecar.tenants.schema import parse_tenant
from tests.documents import tenant_document
from tests.tools_house import ToolsHouse, call


@pytest.mark.parametrize(
    ("phone", "proof"),
    [
        ("+5511999990000", "owner"),
        ("+551199990000", "owner"),  # WhatsApp's spelling of the same mobile
        ("+5511999990001", ""),
        ("", ""),
    ],
)
def test_an_owner_is_known_however_whatsapp_spells_the_number(
    house: ToolsHouse, phone: str, proof: str
) -> None:
    document = tenant_document()
    (channel,) = document["integrations"]["chatwoot"]["channels"]
    channel["owner_phones"] = ["+5511999990000"]
    tools = ["record_group", "company_info"]
    crew: Any = SimpleNamespace(crew="analytics", first=SimpleNamespace(tools=tools))
    services: Any = SimpleNamespace(
        store=house.store, settings=house.settings, audit=AuditLog(house.store, "test")
    )
    customer = Customer(phone=phone, channel_id=7, conversation="7-1", turn="t", said_at=1.0)
    context = bench(
        services, parse_tenant(document), crew, house.proxy(), None, customer, "quanto vendemos?"
    )
    assert context.person.proof == proof
    told = call(context, "record_group", model="sale.order")
    assert ("error" not in told) is (proof == "owner")
