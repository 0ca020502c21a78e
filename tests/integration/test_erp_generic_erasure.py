"""A person is erased from our copy of what an ERP sent, found nowhere, and not brought back."""

import zlib
from contextlib import suppress
from typing import Any

import pytest

from sidecar import __main__ as program
from sidecar.app import create_app
from sidecar.erp.generic.adapter import PushedErpAdapter
from sidecar.erp.generic.erasure import erase_customer
from sidecar.erp.generic.store import PushedRecords
from sidecar.hub.forgetting import Forgetting
from sidecar.hub.mailbox import Letter, Mailbox
from sidecar.hub.services import Services
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import connect
from sidecar.tools.dispatch import run
from sidecar.tools.sessions import ToolHouse, Turn
from sidecar.web.state import WebState
from tests.conftest import RedisServer
from tests.erp_rows import customer_row, order_row, product_row
from tests.pushing import Erp, pushing_document
from tests.tools_house import BIA_PHONE

A, CONTACT = "account_1", 41
BIAS = ("Bia Moraes", "bia@example.com", "90000-0001", "1190000", "Palmeiras", "BR123", "S00071")
CAIO: dict[str, Any] = {
    "id": "C-8",
    "name": "Caio Prado",
    "email": "caio@example.com",
    "mobile": "+5511988880000",
    "addresses": [{"text": "Rua do Ipê, 2"}],
}


class House:
    def __init__(self, settings: Settings):
        self.settings = settings
        app = create_app(settings)
        self.web: WebState = app.extensions["sidecar"]
        self.web.tenants.apply(pushing_document(), reset=True)
        self.tenant = self.web.tenants.get(A)
        self.erp = Erp(app, scopes=("products", "customers", "orders", "customers:read"))
        self.erp.take("products", product_row())
        self.erp.take("customers", [customer_row(), customer_row(**CAIO)])
        theirs = {"name": "S99", "deliveries": [], "customer_id": "C-8"}
        self.erp.take("orders", [order_row(), order_row(id="PED-99", **theirs)])
        self.records = PushedRecords.of(settings, A)
        self.adapter = PushedErpAdapter(self.records, self.tenant.context)

    def asks(self, phone: str = BIA_PHONE) -> dict[str, Any]:
        """The contact asks for an order, by the tool; what it says."""
        proxy = Services.build(self.settings).proxy(self.tenant)
        house = ToolHouse(self.web.store, self.settings, self.web.audit)
        turn = Turn("7-5", "t", "cadê meu pedido?", 1.0, "WhatsApp", phone)
        letter = Letter(5, "cadê meu pedido?", 1.0, "r", contact_id=CONTACT)
        Mailbox(self.web.store, self.settings).put(A, "7-5", "e", letter)
        context = house.conversation(self.tenant, proxy, turn, "sales", ["order_status"])
        return run("order_status", context, {})

    def everything(self) -> str:
        """All that Redis has, unpacked."""
        store, found = connect(self.settings.state_url.get_secret_value(), decode=False), []
        for name in store.scan_iter(count=1000):
            kind, values = store.type(name), [name]
            if kind == b"hash":
                values += [part for pair in store.hgetall(name).items() for part in pair]
            elif kind == b"string":
                values.append(store.get(name))
            elif kind == b"set":
                values += store.smembers(name)
            elif kind == b"zset":
                values += store.zrange(name, 0, -1)
            elif kind == b"list":
                values += store.lrange(name, 0, -1)
            for value in values:
                with suppress(zlib.error):
                    found.append(zlib.decompress(value))
                found.append(value)
        return b"\n".join(found).decode(errors="replace")


@pytest.fixture
def house(settings: Settings) -> House:
    return House(settings)


def test_a_forgotten_contact_is_erased_from_the_copy_too(
    house: House, redis_server: RedisServer
) -> None:
    assert house.asks()["orders"][0]["order"] == "S00071"
    assert [word for word in BIAS if word not in house.everything()] == ["90000-0001"]
    house.web.store.delete(keys.person(A, "7-5"))  # an hour later

    receipt = Forgetting(house.settings).forget(A, house.tenant, 7, CONTACT)["receipt"]

    assert (receipt["erp_customers"], receipt["erp_orders"]) == (1, 1)
    assert [word for word in BIAS if word in house.everything()] == []
    files = [p.read_bytes() for p in redis_server.folder.rglob("*") if p.is_file()]
    assert not [word for word in BIAS if any(word.encode() in file for file in files)]
    assert house.adapter.find_partners(phone=BIA_PHONE) == []
    assert house.adapter.find_partners(email="bia@example.com") == []
    assert house.adapter.orders(1) == []
    assert house.adapter.partner_profile(1) == {}
    assert house.erp.read("customers", "C-7").status_code == 404
    assert house.asks()["code"] == "identify_first"
    assert house.asks(CAIO["mobile"])["orders"][0]["order"] == "S99"


def test_the_next_push_does_not_bring_them_back(house: House) -> None:
    erase_customer(house.records, "C-7")
    told = house.erp.take("customers", [customer_row(version=9), customer_row(**CAIO)])
    assert (told["unchanged"], [bad["id"] for bad in told["rejected"]]) == (1, ["C-7"])
    assert "delete them in the ERP too" in told["rejected"][0]["error"]
    told = house.erp.send("orders", order_row(id="PED-72"))
    assert told.status_code == 422
    assert "Moraes" not in house.everything()
    told = house.erp.take("customers", {"id": "C-7", "deleted": True})
    assert (told["unchanged"], told["accepted"]) == (1, 0)
    assert house.records.readmit("C-7")
    assert house.erp.take("customers", customer_row())["accepted"] == 1
    assert house.adapter.find_partners(phone=BIA_PHONE)[0]["name"] == "Bia Moraes"


def test_nobody_is_erased_whom_the_contact_did_not_prove_to_be(house: House) -> None:
    before = house.records.count("customers")
    assert house.asks("+5511977777777")["code"] == "identify_first"
    receipt = Forgetting(house.settings).forget(A, house.tenant, 7, CONTACT)["receipt"]
    assert (receipt["erp_customers"], receipt["erp_orders"]) == (0, 0)
    assert house.records.count("customers") == before


def test_another_tenants_customer_of_the_same_id_stays(house: House, settings: Settings) -> None:
    house.web.tenants.apply(pushing_document("account_2"), reset=True)
    other = Erp(house.erp.app, "account_2")
    other.take("customers", customer_row())
    erase_customer(house.records, "C-7")
    assert other.take("customers", customer_row(name="Bia M."))["accepted"] == 1
    assert PushedRecords.of(settings, "account_2").count("customers") == 1


def test_the_operator_erases_by_the_erps_id_and_is_told_what_is_left(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "get_settings", lambda: house.settings)
    house.asks()
    house.erp.take("customers", customer_row(id="C-70", name="Rui", email="", addresses=[]))
    assert program.main(["erp", "erase", A, "C-7"]) == 0
    told = capsys.readouterr().out
    assert "1 customers, 1 orders; append-only file: " in told
    assert "Delete them in the ERP too" in told
    assert "The same number or address is also that of: C-70" in told
    assert not house.web.store.exists(keys.person(A, "7-5"))
    assert [word for word in BIAS if word in house.everything().replace("+551190000", "")] == []
    assert program.main(["contacts", "forget", A, "7", str(CONTACT)]) == 0
    assert "sidecar erp erase" in capsys.readouterr().out  # the copy is gone: nobody to erase
    assert program.main(["erp", "readmit", A, "C-7"]) == 0
    assert program.main(["erp", "readmit", A, "C-7"]) == 1


def test_an_order_that_is_many_pages_is_erased_whole(house: House) -> None:
    rows = [order_row(id=f"N-{i}", name=f"N{i}") for i in range(620)]
    house.erp.take("orders", rows)
    assert erase_customer(house.records, "C-7").orders == 621
    assert house.records.count("orders") == 1
    assert house.everything().count("N-") == 0
