"""The client of an Odoo: one time limit, retries where they are safe, kept connections, errors.

Both protocols. Nothing here waits longer than a second.
"""

import threading
import time
import uuid
from collections.abc import Iterator
from xmlrpc.client import Fault

import pytest

from sidecar.context import TenantContext
from sidecar.erp.methods import call_of
from sidecar.erp.odoo.adapter import OdooAdapter
from sidecar.errors import (
    Forbidden,
    NotFound,
    NotOffered,
    SidecarError,
    Unavailable,
    Unprocessable,
    UpstreamError,
    UpstreamRefused,
)
from sidecar.odoo_rpc import OdooRpc
from sidecar.outbound.breaker import Breaker
from tests.doubles.odoo import DB, LOGIN, OdooDouble
from tests.facts import product_facts
from tests.shop_facts import partner

CONTEXT = TenantContext("account_1", 2, "pt_BR", "America/Sao_Paulo", "BRL")
LINES = [{"product_id": 5, "quantity": 1}]


@pytest.fixture(params=["xmlrpc", "json2"])
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    with OdooDouble(products=[product_facts()], partners=[partner()]) as double:
        yield double


def client(odoo: OdooDouble, transport: str, timeout: float = 5.0) -> OdooRpc:
    def key(_renew: bool) -> str:
        return odoo.api_key

    return OdooRpc(odoo.url, DB, LOGIN, key, timeout, ["127.0.0.1"], transport=transport)


def adapter(odoo: OdooDouble, transport: str, timeout: float = 5.0) -> OdooAdapter:
    return OdooAdapter(client(odoo, transport, timeout), CONTEXT)


def asked(odoo: OdooDouble) -> list[str]:
    return [name for name, _ in odoo.calls]


def test_an_odoo_that_hangs_costs_the_time_limit_once(odoo: OdooDouble, transport: str) -> None:
    erp = adapter(odoo, transport, timeout=2.0)
    assert erp.product_ids() == [5]
    odoo.slow = threading.Event()
    try:
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            erp.product_facts([5])
        assert time.monotonic() - begun < 6  # never three times 2 and the waits between
    finally:
        odoo.slow.set()


def test_a_read_whose_answer_was_lost_is_asked_again(odoo: OdooDouble, transport: str) -> None:
    erp = adapter(odoo, transport)
    for died in ("before", "after"):
        odoo.die = [died]
        assert erp.product_ids() == [5]
    odoo.die = ["before"] * 3
    with pytest.raises(Unavailable):
        erp.product_ids()
    assert odoo.die == []


def test_a_write_with_a_key_is_repeated_and_done_once(odoo: OdooDouble, transport: str) -> None:
    erp = adapter(odoo, transport)
    odoo.die = ["after"]
    who = {"name": "Bia", "channel": "WhatsApp", "conversation": "7-1", "proof": "channel"}
    made = erp.write(call_of("quotation_create", 7, LINES, str(uuid.uuid4()), who))
    assert asked(odoo).count("quotation_create") == 2
    assert [row["id"] for row in odoo.orders] == [made["id"]]
    assert odoo.written == [("quotation_create", who)]


def test_a_write_without_a_key_is_never_repeated(odoo: OdooDouble, transport: str) -> None:
    erp = adapter(odoo, transport)
    for died in ("before", "after"):
        odoo.die = [died]
        with pytest.raises(Unavailable):
            erp.write(call_of("mail_identity_code", "bia@example.com", "123456"))
    assert len(odoo.codes) == 1
    assert asked(odoo).count("mail_identity_code") == 2


def test_connections_are_kept_and_threads_log_in_once(odoo: OdooDouble) -> None:
    erp = adapter(odoo, "xmlrpc")
    for _ in range(10):
        erp.product_ids()
    assert odoo.connections == 1
    fresh, together = adapter(odoo, "xmlrpc"), threading.Barrier(6)
    odoo.logins = 0

    def work() -> None:
        together.wait(10)
        fresh.product_ids()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert odoo.logins == 1


def test_a_restarted_odoo_is_read_over_new_connections(odoo: OdooDouble, transport: str) -> None:
    erp = adapter(odoo, transport)
    assert erp.product_ids() == [5]
    odoo.down()
    odoo.up()
    assert erp.product_ids() == [5]


def test_a_changed_key_logs_in_again(odoo: OdooDouble, transport: str) -> None:
    erp = adapter(odoo, transport)
    assert erp.product_ids() == [5]
    odoo.api_key = "another-key"  # where it comes from has it too
    assert erp.product_ids() == [5]
    wrong = OdooRpc(
        odoo.url, DB, LOGIN, lambda _r: "wrong-key", 5, ["127.0.0.1"], transport=transport
    )
    for ask in (wrong.log_in, lambda: wrong.call("ai.facade", "product_ids", read_only=True)):
        with pytest.raises(UpstreamRefused) as refused:
            ask()
        assert "wrong-key" not in str(refused.value.as_dict())
    client(odoo, transport).log_in()


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (Fault(2, "That time is not free.\nDetail 7\nsecret"), Unprocessable, "not free.$"),
        (Fault(2, "x" * 900), Unprocessable, "^x{300}$"),
        (Fault(3, "Access Denied"), UpstreamRefused, "connect again"),
        (Fault(4, "You may not read 'Cost' of partner 9"), Forbidden, "integration user"),
        (Fault(2, "Record does not exist or has been deleted.\n(7,)"), NotFound, "any more"),
        (Fault(1, "Traceback\n  File secret.py\nValueError: secret"), UpstreamError, "its log"),
        (Fault(1, "Traceback\nodoo.exceptions.AccessError: secret"), Forbidden, "integration"),
    ],
)
def test_what_odoo_says_becomes_a_named_error(
    odoo: OdooDouble, fault: Fault, error: type[SidecarError], says: str
) -> None:
    odoo.faults["product_ids"] = fault
    with pytest.raises(error, match=says) as raised:
        adapter(odoo, "xmlrpc").product_ids()
    told = str(raised.value.as_dict())
    assert "secret" not in told
    assert "partner 9" not in told


def test_json_2_names_the_same_errors(odoo: OdooDouble) -> None:
    erp = adapter(odoo, "json2")
    for fault, error in (
        (Fault(2, "That time is not free.\nsecret"), Unprocessable),
        (Fault(4, "secret"), Forbidden),
        (Fault(1, "Traceback\nValueError: secret"), UpstreamError),
    ):
        odoo.faults["product_ids"] = fault
        with pytest.raises(error) as raised:
            erp.product_ids()
        assert "secret" not in str(raised.value.as_dict())
    odoo.faults.clear()
    odoo.missing = {"orders"}
    with pytest.raises(NotOffered, match="orders"):
        erp.orders(7)
    odoo.fail = 502
    with pytest.raises(Unavailable, match="502"):
        erp.product_ids()


def test_texts_of_other_models_are_not_passed_on(odoo: OdooDouble) -> None:
    odoo.faults["search_read"] = Fault(2, "a sentence of another addon")
    with pytest.raises(UpstreamError) as raised:
        client(odoo, "xmlrpc").call("sale.order", "search_read", read_only=True)
    assert "another addon" not in raised.value.message


def test_the_version_is_told_without_a_login(odoo: OdooDouble, transport: str) -> None:
    assert client(odoo, transport).version() == "19.0"
    assert odoo.logins == 0


def test_a_key_that_cannot_be_had_does_not_open_the_circuit(odoo: OdooDouble) -> None:
    def away(_renew: bool) -> str:
        raise Unavailable("The lease's Odoo cannot be reached.")

    breaker = Breaker(1, 60)
    rpc = OdooRpc(odoo.url, DB, LOGIN, away, 5, ["127.0.0.1"], breaker=breaker)
    with pytest.raises(Unavailable, match="lease"):
        rpc.call("ai.facade", "product_ids", read_only=True)
    assert breaker.state == "closed"


def test_a_renewal_that_fails_does_not_open_the_circuit(odoo: OdooDouble, transport: str) -> None:
    def old(renew: bool) -> str:
        if renew:
            raise Unavailable("Odoo cannot be reached.")
        return "revoked"

    changed: list[str] = []
    breaker = Breaker(1, 60, on_change=changed.append)
    rpc = OdooRpc(odoo.url, DB, LOGIN, old, 5, ["127.0.0.1"], transport=transport, breaker=breaker)
    with pytest.raises(Unavailable):
        OdooAdapter(rpc, CONTEXT).product_ids()
    assert changed == [], "it answered, and said that the key is refused"
