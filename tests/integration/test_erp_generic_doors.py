"""An ERP sends its data: what is taken, what is refused, and what becomes of it."""

import base64
import gzip
import io
import json
import time
from typing import Any

import pytest
from flask import Flask

from sidecar.app import create_app
from sidecar.erp.generic.push_keys import PushKeys
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.tasks import messages
from sidecar.tasks.scheduler import Scheduler
from sidecar.web.state import WebState
from tests.erp_rows import customer_row, order_row, product_row
from tests.pushing import Erp, pushing_document


@pytest.fixture
def app(settings: Settings) -> Flask:
    """The doors of a house with two tenants, whose limits are small."""
    small = {"push_rows": 20, "push_row_bytes": 4000, "push_body_bytes": 100_000, "push_rate": 60}
    app = create_app(settings.model_copy(update=small))
    here: WebState = app.extensions["sidecar"]
    for account_id in ("account_1", "account_2"):
        here.tenants.apply(pushing_document(account_id, phone_country="55"))
    return app


@pytest.fixture
def web(app: Flask) -> WebState:
    return app.extensions["sidecar"]


@pytest.fixture
def erp(app: Flask) -> Erp:
    return Erp(app, scopes=("products", "customers", "orders", "products:read"))


def test_one_record_a_list_and_lines_are_all_taken(erp: Erp) -> None:
    assert erp.take("products", product_row())["accepted"] == 1
    assert erp.take("customers", [customer_row(), customer_row(id="C-8")])["accepted"] == 2
    lines = "\n".join(json.dumps(order_row(id=f"P{i}")) for i in range(3)) + "\n\n"
    told = erp.send("orders", data=lines, content_type="application/x-ndjson")
    assert told.json["data"] == {"accepted": 3, "unchanged": 0, "outdated": 0, "rejected": []}
    packed = gzip.compress(json.dumps({"rows": [product_row(id="Z")]}).encode())
    headers = {"Content-Encoding": "gzip"}
    told = erp.send("products", data=packed, headers=headers, content_type="application/json")
    assert (told.status_code, told.json["data"]["accepted"]) == (200, 1)
    assert [erp.records.count(kind) for kind in ("products", "customers", "orders")] == [2, 2, 3]


def test_events_are_the_same_door(erp: Erp) -> None:
    event = {"event": "product_updated", "data": product_row()}
    assert erp.take("/webhook/product_updated", event)["accepted"] == 1
    assert erp.take("/webhook/order_created", order_row())["accepted"] == 1


def test_a_bad_row_stops_no_other_and_is_told_without_its_values(erp: Erp) -> None:
    bad = [
        (product_row(id="A", price="12,5"), "price"),
        (product_row(id="B", price=-1), "price"),
        (product_row(id="C", cost_price=1), "cost_price"),
        (product_row(id="D", image_url="javascript:alert(1)"), "image_url"),
        (product_row(id="E", name="a\nb"), "name"),
        (product_row(id="F", updated_at="2999-01-01T00:00:00Z"), "updated_at"),
        (product_row(id="G", attributes=[{"name": "Cor", "values": [["x"]]}]), None),
        (product_row(id=True), "id"),
        ({"name": "s3cret-name"}, "id"),
        ("text", ""),
        (product_row(id="H", price=float("1e400")), None),
        (product_row(id="I", description="x" * 5000), ""),
        (product_row(id="J", stock=True), "stock"),
        (product_row(id="K", name="nul\0"), "name"),
    ]
    rows = [product_row(), *(row for row, _ in bad)]
    text = json.dumps(rows).replace("Infinity", "1e999")
    answer = erp.send("products", data=text, content_type="application/json")
    assert answer.status_code == 207
    data = answer.json["data"]
    assert data["accepted"] == 1
    assert [one["row"] for one in data["rejected"]] == list(range(2, 2 + len(bad)))
    for (_, field), one in zip(bad, data["rejected"], strict=True):
        assert one.keys() == {"row", "id", "field", "error"}
        assert field is None or one["field"] == field, one
    assert [one["id"] for one in data["rejected"][:3]] == ["A", "B", "C"]
    assert "s3cret" not in answer.text
    assert "javascript" not in answer.text


def test_only_refused_rows_are_422_and_a_refused_line_has_its_number(erp: Erp) -> None:
    told = erp.send("orders", data='\n{"id": 1}\n{not json', content_type="application/x-ndjson")
    assert told.status_code == 422
    error = told.json["error"]
    assert error["code"] == "unprocessable"
    assert [one["row"] for one in error["details"]["rejected"]] == [2, 3]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"data": b"{", "content_type": "application/json"}, 400),
        ({"data": b"7", "content_type": "application/json"}, 400),
        ({"data": b'{"id": NaN}', "content_type": "application/json"}, 400),
        ({"data": b"\xff\xfe", "content_type": "application/json"}, 400),
        ({"data": b"[" * 50_000, "content_type": "application/json"}, 400),
        ({"data": b'{"a":' * 15_000, "content_type": "application/json"}, 400),
        ({"data": b"<a/>", "content_type": "application/xml"}, 400),
        ({"data": b"x", "headers": {"Content-Encoding": "gzip"}}, 400),
        ({"data": gzip.compress(b"[]")[:-9], "headers": {"Content-Encoding": "gzip"}}, 400),
        ({"data": b"[]", "headers": {"Content-Encoding": "br"}}, 400),
        ({"data": b"[]", "headers": {"Idempotency-Key": "k" * 201}}, 400),
        ({"data": b" " * 10_000_000, "content_type": "application/json"}, 413),
        ({"data": gzip.compress(b" " * 10_000_000), "headers": {"Content-Encoding": "gzip"}}, 413),
        ({"rows": [{"id": i} for i in range(21)]}, 413),
        ({"data": b"[]", "path": "products?mapping=none"}, 422),
        ({"data": b"[]", "path": "invoices"}, 404),
        ({"data": b"[]", "path": "products/../orders"}, 404),
        ({"data": b"[]", "content_type": "application/json"}, 200),
    ],
)
def test_a_body_that_is_none(erp: Erp, more: dict[str, Any], status: int) -> None:
    answer = erp.send(more.pop("path", "products"), **more)
    assert answer.status_code == status, answer.text
    assert answer.json["success"] is (status == 200)
    assert erp.records.count("products") == 0


@pytest.mark.parametrize(("size", "status"), [(100_000, 200), (100_001, 413), (300_000, 413)])
def test_a_chunked_body_is_read_whole_or_not_at_all(erp: Erp, size: int, status: int) -> None:
    row = json.dumps(product_row()).encode()
    answer = erp.send(
        "products",
        input_stream=io.BytesIO(row.ljust(size, b"\n")),
        content_length=None,
        content_type="application/x-ndjson",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert answer.status_code == status
    assert erp.records.count("products") == (status == 200)


def test_without_a_good_key_every_answer_is_the_same(app: Flask, erp: Erp, web: WebState) -> None:
    over, over_key = PushKeys(web.store, lambda: time.time() - 10 * 86_400).create(
        "account_1", ["products"], days=1
    )
    assert over.expires < time.time()
    wrong = ["", "Bearer", "Bearer x", f"Basic {erp.key}", f"Bearer {over_key}", "Bearer é" * 9]
    wrong.append("Bearer " + "x" * 5000)
    told = {
        (a.status_code, a.json["error"]["message"])
        for a in (erp.send("products", product_row(), headers={"Authorization": w}) for w in wrong)
    }
    assert told == {(401, "The request is not authenticated.")}
    PushKeys(web.store).revoke("account_1", erp.key_id)
    assert erp.send("products", product_row()).status_code == 401
    assert erp.records.count("products") == 0


def test_an_erp_shows_its_key_in_the_way_it_can(erp: Erp) -> None:
    basic = base64.b64encode(f"erp:{erp.key}".encode()).decode()
    only_key = base64.b64encode(erp.key.encode()).decode()
    for headers, status in [
        ({"Authorization": f"Basic {basic}"}, 200),
        ({"Authorization": "", "X-API-Key": erp.key}, 200),
        ({"Authorization": f"Basic {only_key}"}, 401),
        ({"Authorization": "Basic é"}, 401),
        ({"Authorization": "Basic /w=="}, 401),
        ({"Authorization": "", "X-API-Key": erp.key[:-1]}, 401),
        ({"Authorization": "Bearer wrong", "X-API-Key": erp.key}, 401),
    ]:
        assert erp.send("products", [], headers=headers).status_code == status, headers


def test_a_key_is_kept_as_a_hash_alone(erp: Erp, web: WebState) -> None:
    erp.take("products", product_row())
    for name in web.store.keys("*"):
        if name.startswith("account_1:erp:keys") or name.startswith("route:erp:"):
            assert erp.key not in name
            kept = web.store.hgetall(name) if name.endswith("keys") else web.store.get(name)
            assert erp.key not in str(kept)


def test_a_key_does_what_its_scopes_say(app: Flask) -> None:
    products = Erp(app, scopes=("products",))
    assert products.take("products", product_row())["accepted"] == 1
    for path in ("customers", "orders", "/webhook/order_created"):
        answer = products.send(path, [])
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
    assert products.read("products", "SOF-3L").status_code == 403
    reader = Erp(app, scopes=("products:read",))
    assert reader.send("products", product_row()).status_code == 403
    assert reader.read("products", "SOF-3L").json["data"]["name"] == "Sofá Jacarandá"
    assert reader.read("products", "../../etc/passwd").status_code == 404
    assert reader.read("products", "").status_code == 404
    assert reader.read("orders", "PED-71").status_code == 403


def test_another_tenants_key_reaches_only_its_own_tenant(app: Flask, erp: Erp) -> None:
    scopes = ("products", "products:read")
    theirs = Erp(app, "account_2", scopes)
    erp.take("products", product_row())
    same = product_row(name="Theirs", account_id="account_1")
    assert theirs.send("products", [same]).status_code == 422  # no field names a tenant
    assert theirs.take("products", product_row(name="Theirs"))["accepted"] == 1
    deleted = {"id": "SOF-3L", "deleted": True, "version": 9}
    assert theirs.take("products", [deleted])["accepted"] == 1
    assert erp.read("products", "SOF-3L").json["data"]["name"] == "Sofá Jacarandá"
    assert theirs.read("products", "SOF-3L").status_code == 404


def test_ids_are_only_ids(erp: Erp) -> None:
    odd = ["../../x", "a:b:c", "*", "account_2:erp:keys", "ação", 7, "a\\b", "{}", "x" * 128]
    assert erp.take("products", [product_row(id=own) for own in odd])["accepted"] == len(odd)
    for own in odd:
        assert erp.read("products", str(own)).json["data"]["id"] == str(own)
    assert erp.records.count("products") == len(odd)


def test_a_repeated_push_changes_nothing(erp: Erp) -> None:
    assert erp.take("products", [product_row()])["accepted"] == 1
    assert erp.take("products", [product_row()])["unchanged"] == 1
    untimed = product_row(id="U", updated_at=None)
    assert erp.take("products", [untimed, untimed]) | {"rejected": 0} == {
        "accepted": 1,
        "unchanged": 1,
        "outdated": 0,
        "rejected": 0,
    }


def test_the_newest_wins_and_among_equals_the_last(erp: Erp) -> None:
    def send(price: float, **when: Any) -> str:
        told = erp.take("products", product_row(price=price, **{"updated_at": None, **when}))
        return next(name for name, count in told.items() if count)

    assert send(10, updated_at="2026-11-20T12:00:00-03:00") == "accepted"
    assert send(11, updated_at="2026-11-20T14:59:59Z") == "outdated"
    assert send(12, updated_at="2026-11-20T12:00:00") == "accepted"  # the tenant's own clock
    assert send(12, updated_at="2026-11-21T00:00:00Z") == "unchanged"
    assert send(13, updated_at="2026-11-20T23:00:00Z") == "outdated"  # the unchanged one was newer
    assert send(14) == "accepted"  # whoever tells no time is believed
    assert send(15, version=7) == "accepted"
    assert send(16, version=6) == "outdated"
    assert erp.read("products", "SOF-3L").json["data"]["price"] == 15.0


def test_of_two_rows_in_one_batch_the_newer_is_kept(erp: Erp) -> None:
    newer = product_row(price=2, updated_at="2026-11-24T00:00:00Z")
    told = erp.take("products", [newer, product_row(price=1)])
    assert (told["accepted"], told["outdated"]) == (1, 1)
    assert erp.take("products", [product_row(id="D", price=p) for p in (1, 2)])["accepted"] == 2
    assert erp.read("products", "SOF-3L").json["data"]["price"] == 2.0
    assert erp.read("products", "D").json["data"]["price"] == 2.0


def test_an_idempotency_key_gives_the_first_answer(app: Flask, erp: Erp) -> None:
    once = {"headers": {"Idempotency-Key": "run-1"}}
    first = erp.send("products", [product_row(), {"id": 5}], **once)
    again = erp.send("products", [product_row(), {"id": 5}], **once)
    assert (first.status_code, again.status_code) == (207, 207)
    assert again.json["data"] == first.json["data"]
    assert again.headers["Idempotency-Replayed"] == "true"
    other = erp.send("products", [product_row(price=9)], **once)
    assert (other.status_code, other.json["error"]["code"]) == (409, "conflict")
    assert erp.send("orders", [product_row(), {"id": 5}], **once).status_code == 409
    theirs = Erp(app, "account_2")
    assert theirs.send("products", [product_row(price=9)], **once).status_code == 200


def test_a_key_that_asks_too_often_is_told_when_to_come_back(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"push_rate": 2}))
    app.extensions["sidecar"].tenants.apply(pushing_document())
    app.extensions["sidecar"].tenants.apply(pushing_document("account_2"))
    erp, other = Erp(app), Erp(app, "account_2")
    answers = [erp.send("products", []) for _ in range(5)]  # a new minute may begin meanwhile
    late = [a for a in answers if a.status_code == 429]
    assert late
    assert 0 < int(late[0].headers["Retry-After"]) <= 60
    assert late[0].json["error"]["code"] == "too_many_requests"
    assert other.send("products", []).status_code == 200


def test_erps_never_take_all_threads_of_a_web_process(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"push_at_once": 1}))
    app.extensions["sidecar"].tenants.apply(pushing_document())
    erp = Erp(app)

    class Meanwhile(io.BytesIO):
        """A body that is being read while another one comes."""

        def readinto(self, buffer: Any) -> int:
            told.append(erp.send("products", product_row()))
            return super().readinto(buffer)

    told: list[Any] = []
    assert erp.send("products", input_stream=Meanwhile(b"[]"), content_length=2).status_code == 200
    assert (told[0].status_code, told[0].headers["Retry-After"]) == (429, "1")
    assert erp.send("products", product_row()).status_code == 200


def test_a_tenant_keeps_only_so_many_records(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"push_records": 2}))
    app.extensions["sidecar"].tenants.apply(pushing_document())
    erp = Erp(app)
    told = erp.take("products", [product_row(id=i) for i in range(3)])
    assert (told["accepted"], [one["id"] for one in told["rejected"]]) == (2, ["2"])
    assert erp.take("products", [product_row(id=1, price=3)])["accepted"] == 1


def test_a_tenant_with_another_erp_is_sent_nothing(erp: Erp, web: WebState) -> None:
    document = pushing_document()
    document["version"] = 2
    odoo = {"url": "http://127.0.0.1:1", "db": "d", "username": "u"}
    document["integrations"]["mcp"] = {"type": "odoo-mcp", "config": odoo}
    web.tenants.apply(document)
    answer = erp.send("products", product_row())
    assert answer.json["error"]["code"] == "not_configured"
    assert erp.records.count("products") == 0


def test_changed_products_are_due_for_the_index_once(erp: Erp, web: WebState) -> None:
    due = keys.due(messages.PUSHED)
    before = time.time()
    erp.take("customers", customer_row())
    assert web.store.zcard(due) == 0
    for price in (1, 2, 3):
        erp.take("products", product_row(price=price))
    assert web.store.zrange(due, 0, -1) == ["account_1"]
    assert before + 1 < web.store.zscore(due, "account_1") < time.time() + 3
    web.store.zadd(due, {"account_1": 1})
    assert Scheduler(web.settings).sweep() == 1  # also where no hint reached the broker
    assert erp.records.changed(10).numbers == [1]
    seen = erp.records.changed(10)
    erp.take("products", product_row(price=4))
    erp.records.indexed(seen)
    assert erp.records.waiting() == 1  # it changed again while it was indexed
    erp.records.indexed(erp.records.changed(10))
    erp.take("products", product_row(price=4))
    assert erp.records.waiting() == 0


def test_refusals_are_audited_without_the_key(erp: Erp, web: WebState) -> None:
    erp.send("products", [], headers={"Authorization": "Bearer erp_wrong-key"})
    limited = Erp(erp.app, scopes=("products",))
    limited.send("orders", [])
    rows = web.store.hgetall(keys.trail_rows("account_1")) | web.store.hgetall(
        keys.UNKNOWN_TRAIL_ROWS
    )
    told = " ".join(rows.values())
    assert "unknown_key" in told
    assert limited.key_id in told
    assert "erp_wrong" not in told
    assert limited.key not in told
