"""What was acknowledged is kept: through kill -9, through many writers, whatever is sent."""

import json
import random
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import redis
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from sidecar.erp.generic.bodies import rows_of
from sidecar.erp.generic.mapping import mapped
from sidecar.erp.generic.records import BadRow, kept_of, record_of
from sidecar.erp.generic.store import PushedRecords
from sidecar.errors import BadRequest
from sidecar.settings import Settings
from sidecar.tenants.pushing import FIELDS, KINDS
from sidecar.tenants.schema import parse_tenant
from tests.conftest import RedisServer
from tests.erp_rows import customer_row, order_row, product_row
from tests.pushing import pushing_document

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_acknowledged_records_survive_a_killed_redis(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    try:
        records = PushedRecords(redis.Redis.from_url(server.url), "account_1")
        rows = [kept_of("products", product_row(id=i), "UTC", None, NOW) for i in range(250)]
        assert records.write("products", rows) == ["accepted"] * 250
        server.kill()
        server.start()
        assert records.count("products") == 250
        assert records.waiting() == 250  # the index will hear of all of them
        assert records.write("products", rows) == ["unchanged"] * 250
    finally:
        server.kill()


def test_whatever_the_order_of_writers_the_newest_is_kept_whole(settings: Settings) -> None:
    versions = list(range(60))
    random.Random(7).shuffle(versions)

    def write(some: list[int]) -> None:
        records = PushedRecords.of(settings, "account_1")
        for version in some:
            told = {"version": version, "mobile": f"+551190000{version:04}"}
            row = kept_of("customers", customer_row(**told), "UTC", None, NOW)
            records.write("customers", [row])

    writers = [threading.Thread(target=write, args=(versions[n::4],)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    records = PushedRecords.of(settings, "account_1")
    assert records.count("customers") == 1
    assert records.records("customers", [1])[1]["mobile"] == "+5511900000059"
    entries = records._store.zrange("account_1:erp:customers:index", 0, -1)
    assert len(entries) == 2  # the newest number and the address: no older number finds anybody


_TEXT = st.text(max_size=30) | st.sampled_from(
    ["\ud800", "\0", "1e999", "nan", "true", "2026-11-25T00:00:00+99:00", "http://[", "+55"]
)
_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_SAMPLES = {"products": product_row(), "customers": customer_row(), "orders": order_row()}
_RULES = (
    parse_tenant(
        pushing_document(
            mapping={
                "default": {
                    "products": {
                        "id": "a",
                        "price": {"path": "b", "number": ","},
                        "updated_at": {"path": "c.0", "date": "%d/%m/%Y"},
                        "tags": {"path": "d", "split": ";"},
                        "variants": {"path": "e", "each": {"id": "a.b"}},
                        "attributes": {"fields": {"Cor": "f"}},
                        "type": {"path": "g", "values": {"P": "goods"}},
                    }
                }
            }
        )
    )
    .integrations.mcp.config.mapping["default"]
    .products
)  # type: ignore[union-attr]


@examples(max_examples=150, deadline=None)
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_any_row_is_kept_as_it_is_or_refused_by_name(kind: Any, data: st.DataObject) -> None:
    changed = data.draw(st.dictionaries(st.sampled_from(FIELDS[kind]), _VALUE, max_size=3))
    row = _SAMPLES[kind] | changed
    try:
        kept = kept_of(kind, row, "America/Sao_Paulo", "55", NOW)
    except BadRow:
        return
    assert json.dumps(kept.index).isascii()
    assert kept.own_id.encode()
    if kept.blob:
        assert record_of(kept.blob)["id"] == kept.own_id


@examples(max_examples=150, deadline=None)
@given(row=st.dictionaries(st.sampled_from("abcdefg"), _VALUE, max_size=7))
def test_any_row_is_mapped_or_refused_by_name(row: dict[str, Any]) -> None:
    try:
        told = mapped(row, _RULES, "America/Sao_Paulo")
    except BadRow as bad:
        told = {bad.field.partition(".")[0]: None}
    assert told.keys() <= _RULES.keys()


@examples(max_examples=150, deadline=None)
@given(
    body=st.binary(max_size=80)
    | st.text(alphabet='{}[]":,;\n\r\t0a"', max_size=80).map(str.encode),
    form=st.sampled_from(["json", "lines", "csv"]),
)
def test_any_body_has_rows_or_is_refused(body: bytes, form: Any) -> None:
    with suppress(BadRequest):
        for raw in rows_of(body, form, 1000):
            assert raw.place > 0


def test_late_news_of_a_clock_that_is_ahead_is_refused() -> None:
    ahead = (NOW + timedelta(hours=23)).isoformat()
    assert kept_of("products", product_row(updated_at=ahead), "UTC", None, NOW).stamp
