"""A client's own names become ours by the tenant document's rules; wrong rules are named."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sidecar.erp.generic.mapping import mapped
from sidecar.erp.generic.records import MODELS, BadRow, kept_of, record_of
from sidecar.errors import ConfigInvalid
from sidecar.tenants.pushing import FIELDS, Mapping
from sidecar.tenants.schema import Tenant, parse_tenant
from tests.erp_rows import order_row
from tests.pushing import pushing_document

ZONE = "America/Sao_Paulo"


def rules(kind: str = "products", **told: Any) -> dict[str, Any]:
    document = pushing_document(mapping={"default": {kind: {"id": "codigo", **told}}})
    erp = parse_tenant(document).integrations.mcp
    assert erp is not None
    return getattr(erp.config.mapping["default"], kind)


def read(row: dict[str, Any], **told: Any) -> dict[str, Any]:
    return mapped({"codigo": 1, **row}, rules(**told), ZONE)


def test_names_of_the_fields_are_the_models() -> None:
    for kind, model in MODELS.items():
        assert set(FIELDS[kind]) == set(model.model_fields)
    assert set(Mapping.model_fields) == set(MODELS)


@pytest.mark.parametrize(
    ("row", "rule", "found"),
    [
        ({"n": "Sofá"}, "n", "Sofá"),
        ({"p": {"n": [{"t": "Sofá"}]}}, "p.n.0.t", "Sofá"),
        ({"p.n": "Sofá", "p": {"n": "other"}}, "p.n", "Sofá"),
        ({"p": "1.234,50"}, {"path": "p", "number": ","}, "1234.50"),
        ({"p": "R$ 5"}, {"path": "p", "number": ","}, "R$5"),
        ({"p": "1,234.50"}, {"path": "p", "number": "."}, "1234.50"),
        ({"p": 12.5}, {"path": "p", "number": ","}, 12.5),
        ({"d": "25/11/2026 14:30"}, {"path": "d", "date": "%d/%m/%Y %H:%M"},
         "2026-11-25T14:30:00-03:00"),
        ({"d": "20261125 14:30 +0000"}, {"path": "d", "date": "%Y%m%d %H:%M %z"},
         "2026-11-25T14:30:00+00:00"),
        ({"t": "a; b;;c "}, {"path": "t", "split": ";"}, ["a", "b", "c"]),
        ({"s": "F"}, {"path": "s", "values": {"F": "done"}}, "done"),
        ({"s": 0}, {"path": "s", "values": {"0": False}}, False),
        ({}, {"value": "goods"}, "goods"),
        ({"c": "Azul"}, {"fields": {"Cor": "c", "Pé": "none"}}, {"Cor": "Azul"}),
        ({"l": [{"q": "1,5"}, {}]}, {"path": "l", "each": {"q": {"path": "q", "number": ","}}},
         [{"q": "1.5"}, {}]),
    ],
)  # fmt: skip
def test_a_rule_reads(row: dict[str, Any], rule: Any, found: Any) -> None:
    assert read(row, name=rule) == {"id": 1, "name": found}


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({}, "n"),
        ({"n": None}, "n"),
        ({"n": ""}, {"path": "n", "number": ","}),
        ({"n": "text"}, "n.deeper"),
        ({"n": [1]}, "n.99999999999999999999"),
        ({"n": [1]}, "n.-1"),
        ({}, {"fields": {"Cor": "c"}}),
    ],
)
def test_what_a_row_lacks_is_left_out(row: dict[str, Any], rule: Any) -> None:
    assert read(row, name=rule) == {"id": 1}


@pytest.mark.parametrize(
    ("row", "rule", "field"),
    [
        ({"d": "s3cret"}, {"path": "d", "date": "%d/%m/%Y"}, "name"),
        ({"s": "s3cret"}, {"path": "s", "values": {"F": "done"}}, "name"),
        ({"l": "s3cret"}, {"path": "l", "each": {"quantity": "q"}}, "name"),
        ({"l": [{}, "s3cret"]}, {"path": "l", "each": {"quantity": "q"}}, "name.1"),
        ({"l": [{"q": "s3cret"}]}, {"path": "l", "each": {"q": {"path": "q", "date": "%Y%m%d"}}},
         "name.0.q"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_without_its_value(
    row: dict[str, Any], rule: Any, field: str
) -> None:
    with pytest.raises(BadRow) as bad:
        read(row, name=rule)
    assert (bad.value.field, bad.value.own_id) == (field, "1")
    assert "s3cret" not in bad.value.problem


def test_only_what_the_mapping_names_is_taken() -> None:
    row = {"codigo": 1, "custo": 900, "nome": "Sofá", "account_id": "account_2"}
    assert mapped(row, rules(name="nome"), ZONE) == {"id": 1, "name": "Sofá"}


@pytest.mark.parametrize(
    ("mapping", "field", "words"),
    [
        ({"Bad Name": {}}, "mapping.Bad Name", "lower-case"),
        ({"default": {"invoices": {}}}, "mapping.default.invoices", "not a key"),
        ({"default": {"products": {"name": "n"}}}, "mapping.default", "need a rule for id"),
        ({"default": {"products": {"id": "c", "cost": "n"}}}, "mapping.default", "no field cost"),
        ({"default": {"products": {"id": 7}}}, "mapping.default.products.id", "valid"),
        ({"default": {"products": {"id": {}}}}, "mapping.default.products.id", "exactly one"),
        ({"default": {"products": {"id": {"path": "a", "value": 1}}}}, None, "exactly one"),
        ({"default": {"products": {"id": {"value": 1, "number": ","}}}}, None, "beside a path"),
        ({"default": {"products": {"id": {"path": "a", "date": "soon"}}}}, None, "date format"),
        ({"default": {"products": {"id": {"path": "a", "eval": "1"}}}}, None, "not a key"),
        ({"default": {"orders": {"id": "c", "lines": {"path": "l", "each": {"x": {"path": "l",
          "each": {"x": {"path": "l", "each": {"x": "y"}}}}}}}}}, None, "too deep"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_by_name(mapping: Any, field: str | None, words: str) -> None:
    with pytest.raises(ConfigInvalid) as wrong:
        parse_tenant(pushing_document(mapping=mapping))
    named = wrong.value.details["field"]
    assert named.startswith("integrations.mcp.config.mapping")
    assert field is None or named == f"integrations.mcp.config.{field}"
    assert words in wrong.value.message


def test_a_tenant_is_published_and_read_again_with_its_mapping() -> None:
    tenant = parse_tenant(pushing_document(mapping={"totvs": {"products": {"id": "B1_COD"}}}))
    assert Tenant.model_validate_json(tenant.model_dump_json()) == tenant


def test_an_unknown_type_of_erp_is_refused() -> None:
    for wrong in ("sap", 5, ["rest-generic"], {}):
        document = pushing_document()
        document["integrations"]["mcp"]["type"] = wrong
        with pytest.raises(ConfigInvalid) as refused:
            parse_tenant(document)
        assert refused.value.details["field"] == "integrations.mcp.type"
        assert "odoo-mcp, rest-generic" in refused.value.message


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-11-20T12:00:00-03:00", "2026-11-20T15:00:00Z"),
        ("2026-11-20T12:00:00", "2026-11-20T15:00:00Z"),
        ("2026-11-20", "2026-11-20T03:00:00Z"),
    ],
)
def test_times_are_kept_in_utc(given: str, kept: str) -> None:
    row = kept_of("orders", order_row(date=given), ZONE, None, datetime.now(UTC))
    assert record_of(row.blob)["date"] == kept


@pytest.mark.parametrize("when", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "x", 5])
def test_times_that_are_none_are_refused(when: Any) -> None:
    with pytest.raises(BadRow) as bad:
        kept_of("orders", order_row(date=when), ZONE, None, datetime.now(UTC))
    assert bad.value.field == "date"


@pytest.mark.parametrize(
    ("phone", "country", "good"),
    [
        ("(11) 90000-0001", "55", True),
        ("011 90000-0001", "55", True),
        ("+1 202 555 0100", "55", True),
        ("(11) 90000-0001", None, False),
        ("call me", "55", False),
        ("+55", None, False),
    ],
)
def test_phones_have_a_country(phone: str, country: str | None, good: bool) -> None:
    row = {"id": 1, "name": "Bia", "phone": phone}
    if good:
        assert kept_of("customers", row, ZONE, country, datetime.now(UTC)).index
    else:
        with pytest.raises(BadRow, match="country code"):
            kept_of("customers", row, ZONE, country, datetime.now(UTC))
