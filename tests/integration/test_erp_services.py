"""The ERP of a tenant as the Hub builds it: left alone while it is away, and found out about."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sidecar.commands.doctor import examine
from sidecar.erp.methods import call_of
from sidecar.errors import ConfigInvalid, NotOffered, SidecarError, Unavailable
from sidecar.hub.services import Services
from sidecar.outbound.breaker import CircuitOpen
from sidecar.settings import Settings
from sidecar.store.circuits import open_circuits
from sidecar.tenants.schema import Tenant, parse_tenant
from sidecar.web.state import WebState
from tests.documents import tenant_document
from tests.doubles.odoo import OdooDouble
from tests.doubles.odoo_plain import foreign_shop
from tests.facts import product_facts
from tests.shop_facts import order, partner

_CALLERS = 8


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    with OdooDouble(products=[product_facts()], partners=[partner()], orders=[order()]) as double:
        yield double


def tenant(services: Services, keys: dict[str, str], **integrations: dict[str, Any]) -> Tenant:
    document = tenant_document()
    for name, config in integrations.items():
        document["integrations"][name] = {"config": config}
    services.credentials.replace("account_1", keys)
    return services.tenants.apply(document, reset=True)


def test_an_odoo_that_is_away_under_load_costs_nobody_time_and_comes_back(
    settings: Settings, web: WebState, odoo: OdooDouble
) -> None:
    patient = settings.model_copy(update={"breaker_failures": 3, "breaker_pause": 0.3})
    services = Services.build(patient)
    here = tenant(services, {"odoo_api_key": odoo.api_key}, mcp=odoo.config())
    stop = threading.Event()
    outcomes: list[tuple[float, float, str]] = []  # when it began, how long it took, what came

    def caller() -> None:
        while not stop.wait(0.002):
            begun = time.monotonic()
            try:
                services.proxy(here).product(5)
                came = "answer"
            except SidecarError as error:
                came = type(error).__name__
            outcomes.append((begun, time.monotonic() - begun, came))

    def wait_for(wanted: str, after: float, times: int = 1) -> float:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            came = [begun for begun, _took, came in list(outcomes) if came == wanted]
            if sum(begun > after for begun in came) >= times:
                return time.monotonic()
            time.sleep(0.01)
        raise AssertionError(f"{wanted} did not come {times} times")

    callers = [threading.Thread(target=caller) for _ in range(_CALLERS)]
    for thread in callers:
        thread.start()
    try:
        at = wait_for("answer", 0)
        odoo.down()
        at = opened = wait_for("CircuitOpen", at)
        assert open_circuits(services.store, ["account_1"])["account_1"].keys() == {
            f"127.0.0.1:{odoo.port}/control"
        }
        ready = requests.get(f"{settings.url_of_web()}/health/ready", timeout=5).json()["data"]
        assert ready["circuits_open"] == 1
        found = [f for f in examine(patient) if f.part == "circuit (account_1)"]
        assert "does not answer; left alone for" in found[0].text
        at = wait_for("CircuitOpen", time.monotonic(), times=50)
        odoo.up()
        wait_for("answer", at)
    finally:
        stop.set()
        for thread in callers:
            thread.join(20)
    refused = sorted(
        took for begun, took, came in outcomes if came == "CircuitOpen" and begun > opened
    )
    assert len(refused) >= 50
    assert refused[len(refused) // 2] < 0.1  # the callers' threads share two cores with the rest
    assert open_circuits(services.store, ["account_1"]) == {}
    ready = requests.get(f"{settings.url_of_web()}/health/ready", timeout=5).json()["data"]
    assert ready["circuits_open"] == 0


def test_erp_and_control_at_one_database_share_their_circuit_and_tenants_do_not(
    settings: Settings, odoo: OdooDouble
) -> None:
    patient = settings.model_copy(update={"breaker_failures": 3, "breaker_pause": 60.0})
    services = Services.build(patient)
    here = tenant(services, {"odoo_api_key": odoo.api_key}, mcp=odoo.config())
    odoo.fail = 503
    with pytest.raises(Unavailable):
        services.proxy(here).product(5)
    with pytest.raises(CircuitOpen, match="tried again within 60 seconds"):
        services.control(here).ping()
    odoo.fail = 0
    odoo.add_tenant("account_2", "the-others-key", products=[product_facts(id=6)])
    document = tenant_document("account_2", company_id=3)
    document["integrations"] = {"mcp": {"config": odoo.config(account_id="account_2")}}
    other = services.tenants.apply(document, reset=True)
    services.credentials.replace("account_2", {"odoo_api_key": "the-others-key"})
    assert services.proxy(other).product(6)["id"] == 6
    assert set(open_circuits(services.store, ["account_1", "account_2"])) == {"account_1"}


def test_the_memory_is_the_processs(settings: Settings, odoo: OdooDouble) -> None:
    services = Services.build(settings)
    here = tenant(services, {"odoo_api_key": odoo.api_key}, mcp=odoo.config())
    for _ in range(3):
        services.proxy(here).stock_levels([5])
    assert [name for name, _ in odoo.calls] == ["stock_levels"]


@pytest.mark.parametrize("transport", ["xmlrpc", "json2"])
def test_an_erp_of_its_own_without_our_addons_is_found_out_once(
    settings: Settings, odoo: OdooDouble, transport: str
) -> None:
    services = Services.build(settings)
    odoo.rules, odoo.profile = [], {"name": "Casa Teste"}
    with OdooDouble(api_key="erp-key", facade=False, plain=foreign_shop()) as erp:
        config = erp.config("erp_key") | {"transport": transport, "company_id": 2}
        keys = {"odoo_api_key": odoo.api_key, "erp_key": "erp-key"}
        here = tenant(services, keys, control=odoo.config(), mcp=config)
        agent = services.proxy(here)
        assert agent.product(5)["price"] == 2790.0
        assert [row["name"] for row in agent.orders(7)] == ["S00071"]
        assert agent.find_partners(phone="+5511900000009") == []  # a colleague's number
        with pytest.raises(NotOffered, match="An Odoo without our addons does not offer bookings"):
            agent.bookings(7)
        with pytest.raises(NotOffered):
            agent.write("quotation_create", 7, [], "key", {})
        # the company's rules are in the Odoo that has our addons
        told = agent.prefetch([call_of("company_profile"), call_of("stock_levels", [5])])
        assert told[0] == {"name": "Casa Teste"}
        assert told[1][0]["free"] == 4.0
        services.proxy(here).product_facts([6])
        assert [name for name, _ in erp.calls].count("ping") == 1


def test_an_erp_of_its_own_with_our_addons_is_read_through_them(
    settings: Settings, odoo: OdooDouble
) -> None:
    services = Services.build(settings)
    with OdooDouble(api_key="erp-key", products=[product_facts(id=8)]) as erp:
        keys = {"odoo_api_key": odoo.api_key, "erp_key": "erp-key"}
        here = tenant(services, keys, control=odoo.config(), mcp=erp.config("erp_key"))
        assert services.proxy(here).product(8)["id"] == 8
        assert "product_facts" in [name for name, _ in erp.calls]
        assert odoo.calls == []


def test_what_an_erp_is_cannot_be_said_while_it_is_away(
    settings: Settings, odoo: OdooDouble
) -> None:
    services = Services.build(settings)
    with OdooDouble(api_key="erp-key", facade=False, plain=foreign_shop()) as erp:
        keys = {"odoo_api_key": odoo.api_key, "erp_key": "erp-key"}
        here = tenant(services, keys, control=odoo.config(), mcp=erp.config("erp_key"))
        erp.down()
        agent = services.proxy(here)  # the rules may still answer
        with pytest.raises(Unavailable):
            agent.product(5)
        erp.up()
        assert agent.product(5)["id"] == 5


def test_the_transport_is_the_houses_unless_the_tenant_names_one(
    settings: Settings, odoo: OdooDouble
) -> None:
    services = Services.build(settings.model_copy(update={"odoo_transport": "json2"}))
    keys = {"odoo_api_key": odoo.api_key}
    here = tenant(services, keys, mcp=odoo.config())
    assert services.proxy(here).product(5)["id"] == 5
    assert odoo.logins == 0  # JSON-2: the key alone says who calls
    here = tenant(services, keys, mcp=odoo.config() | {"transport": "xmlrpc"})
    assert services.proxy(here).product(5)["id"] == 5
    assert odoo.logins == 1
    document = tenant_document()
    document["integrations"]["mcp"]["config"]["transport"] = "soap"
    with pytest.raises(ConfigInvalid):
        parse_tenant(document)
