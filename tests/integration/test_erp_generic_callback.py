"""Quotations are written to an ERP that takes them: signed, once, and never too often."""

from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.erp.generic.adapter import PushedErpAdapter
from sidecar.erp.generic.store import PushedRecords
from sidecar.erp.generic.two_way import TwoWayErpAdapter
from sidecar.erp.methods import call_of
from sidecar.errors import (
    ConfigInvalid,
    NotOffered,
    SidecarError,
    Unavailable,
    Unprocessable,
    UpstreamError,
    UpstreamRefused,
)
from sidecar.hub.services import Services
from sidecar.outbound.breaker import CircuitOpen
from sidecar.settings import Settings
from sidecar.tenants.schema import parse_tenant
from tests.doubles.client_erp import SECRET, ClientErp
from tests.erp_rows import customer_row, product_row
from tests.integration.erp_contract import ErpContract, Shop
from tests.integration.test_erp_generic_contract import number, records, write  # noqa: F401
from tests.pushing import pushing_document

WHO = {"name": "Bia Moraes", "channel": "WhatsApp"}


@pytest.fixture
def client() -> Iterator[ClientErp]:
    erp = ClientErp()
    yield erp
    erp.close()


def adapter(settings: Settings, client: ClientErp, **callback: Any) -> TwoWayErpAdapter:
    services = Services.build(settings)
    config = {"url": client.url, "secret_ref": "erp_callback", "timeout": 5, **callback}
    tenant = services.tenants.apply(pushing_document(callback=config), reset=True)
    secrets = {"erp_callback": SECRET, "erp_key": "the-erps-key"}
    services.credentials.replace("account_1", secrets)
    found = services.proxy(tenant).erp
    assert isinstance(found, TwoWayErpAdapter)
    return found


def order(erp: TwoWayErpAdapter, key: str = "key-1", **line: Any) -> dict[str, Any]:
    lines = [{"product_id": 1, "quantity": 2} | line]
    return erp.write(call_of("quotation_create", 1, lines, key, WHO))


class TestTwoWayErp(ErpContract):
    @pytest.fixture
    def shop(self, settings: Settings, client: ClientErp, records: Any) -> Shop:  # noqa: F811
        return Shop(
            adapter(settings, client),
            product=number(records, "products", "SOF-3L"),
            sold_out=number(records, "products", "MES-1"),
            theirs=10,
            partner=number(records, "customers", "C-7"),
            stranger=number(records, "customers", "C-8"),
            their_partner=3,
        )


@pytest.fixture
def erp(settings: Settings, client: ClientErp) -> TwoWayErpAdapter:
    found = adapter(settings, client)
    _send(settings)
    return found


def _send(settings: Settings) -> None:
    kept = PushedRecords.of(settings, "account_1")
    variants = [{"id": "A", "name": "Azul"}, {"id": "C", "name": "Cinza", "price": 2990}]
    write(kept, "products", product_row(), product_row(id="V", variants=variants))
    write(kept, "customers", customer_row(), customer_row(id="C-8", email="", mobile=""))


def test_a_quotation_is_told_by_the_erps_own_ids_and_kept(
    erp: TwoWayErpAdapter, client: ClientErp
) -> None:
    gray = erp.product_details([2])[0]["variants"][1]["id"]
    made = order(erp, product_id=2, variant_id=gray)
    (call,) = client.calls
    assert call["params"] == {
        "customer_id": "C-7",
        "who": WHO,
        "lines": [
            {"product_id": "V", "variant_id": "C", "quantity": 2, "unit_price": 2990.0,
             "currency": "BRL"}
        ],
    }  # fmt: skip
    assert (made["total"], made["state"]) == (5980.0, "quotation")
    assert erp.orders(1) == [made]
    assert erp.quotation_link(1, made["id"]) == {"url": "https://erp.example/q/1"}
    with pytest.raises(Unprocessable, match="no such order"):
        erp.quotation_link(2, made["id"])


def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    erp: TwoWayErpAdapter, client: ClientErp
) -> None:
    client.status = 0
    with pytest.raises(Unavailable):
        order(erp)
    client.status = 201
    made = order(erp)
    assert [call["key"] for call in client.calls] == ["key-1", "key-1"]
    assert order(erp) == made
    assert len(client.calls) == 2  # what was made is not asked for again
    assert order(erp, "key-2")["id"] != made["id"]


@pytest.mark.parametrize(
    ("status", "changes", "error", "words"),
    [
        (422, {}, Unprocessable, "refused it"),
        (409, {}, Unprocessable, "refused it"),
        (401, {}, UpstreamRefused, "secret"),
        (404, {}, UpstreamError, "404"),
        (302, {}, UpstreamError, "302"),
        (429, {}, Unavailable, "busy"),
        (500, {}, Unavailable, "failed"),
        (201, {"customer_id": "C-8"}, UpstreamError, "another customer"),
        (201, {"total": "s3cret"}, UpstreamError, "total must be a number"),
        (201, {"deleted": True}, UpstreamError, "removed"),
    ],
)
def test_an_answer_that_is_no_quotation_is_an_error_without_its_words(
    erp: TwoWayErpAdapter,
    client: ClientErp,
    status: int,
    changes: dict[str, Any],
    error: type[SidecarError],
    words: str,
) -> None:
    client.status, client.changes = status, changes
    with pytest.raises(error, match=words) as raised:
        order(erp)
    assert "s3cret" not in str(raised.value.as_dict())
    assert erp.orders(1) == []


@pytest.mark.parametrize("body", [b"[]", b"{", b"[" * 200_000, b"x" * 300_000])
def test_a_body_that_is_no_object(erp: TwoWayErpAdapter, client: ClientErp, body: bytes) -> None:
    client.body = body
    with pytest.raises(UpstreamError):
        order(erp)


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("bearer", "Authorization", "Bearer the-erps-key"),
        ("basic", "Authorization", "Basic aXBlOnRoZS1lcnBzLWtleQ=="),
        ("api_key", "X-API-Key", "the-erps-key"),
    ],
)
def test_an_erp_is_shown_what_it_wants_beside_the_signature(
    settings: Settings, client: ClientErp, auth: str, header: str, value: str
) -> None:
    erp = adapter(settings, client, auth=auth, username="ipe", credential_ref="erp_key")
    _send(settings)
    order(erp)
    assert client.headers[header] == value


@pytest.mark.parametrize(
    "wrong",
    [{"auth": "bearer"}, {"credential_ref": "erp_key"}, {"username": "a:b"}, {"url": "ftp://x"}],
)
def test_a_callback_that_cannot_be(wrong: dict[str, Any]) -> None:
    config = {"url": "https://erp.example", "secret_ref": "erp_callback", **wrong}
    with pytest.raises(ConfigInvalid) as refused:
        parse_tenant(pushing_document(callback=config))
    assert refused.value.details["field"].startswith("integrations.mcp.config.callback")


def test_what_the_shop_does_not_sell_is_not_asked_for(
    erp: TwoWayErpAdapter, client: ClientErp
) -> None:
    for wrong in ({"product_id": 99}, {"variant_id": 7}, {"quantity": 0}):
        with pytest.raises(Unprocessable):
            order(erp, **wrong)
    with pytest.raises(Unprocessable):
        erp.write(call_of("quotation_create", 99, [{"product_id": 1, "quantity": 1}], "k", WHO))
    assert client.calls == []


def test_the_erp_is_not_called_more_often_than_it_wants(
    settings: Settings, client: ClientErp
) -> None:
    erp = adapter(settings, client, rate=2)
    _send(settings)
    refused = 0
    for turn in range(5):  # a new minute may begin meanwhile
        try:
            order(erp, f"key-{turn}")
        except Unavailable:
            refused += 1
    assert refused >= 1
    assert len(client.calls) == 5 - refused


def test_an_erp_that_is_away_is_left_alone(settings: Settings, client: ClientErp) -> None:
    patient = settings.model_copy(update={"breaker_failures": 2, "breaker_pause": 60.0})
    erp = adapter(patient, client)
    _send(settings)
    client.status = 503
    for turn in range(2):
        with pytest.raises(Unavailable):
            order(erp, f"key-{turn}")
    with pytest.raises(CircuitOpen, match="The ERP"):
        order(erp, "key-3")
    assert len(client.calls) == 2


def test_a_private_address_is_refused(settings: Settings, client: ClientErp) -> None:
    erp = adapter(settings.model_copy(update={"allow_private_urls": ""}), client)
    _send(settings)
    with pytest.raises(UpstreamError, match="private network"):
        order(erp)
    assert client.calls == []


def test_without_a_callback_nothing_is_written(settings: Settings) -> None:
    services = Services.build(settings)
    tenant = services.tenants.apply(pushing_document(), reset=True)
    erp = services.proxy(tenant).erp
    assert type(erp) is PushedErpAdapter
    with pytest.raises(NotOffered):
        erp.write(call_of("quotation_create", 1, [], "k", WHO))
