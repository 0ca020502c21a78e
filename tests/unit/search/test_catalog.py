"""Catalogs of any shop as facts: known keys by their names, unknown ones as attributes."""

import gzip
import json

import pytest

from sidecar.embedding_agents.product_description import search_text
from sidecar.errors import Unprocessable
from sidecar.search.catalog import facts_of, outer_id, read_lines
from tests.facts import product_facts

SHOP = {
    "id": "3920564",
    "title": "Xerox 006R90321 toner cartridge",
    "name": "006R90321",
    "brand": "Xerox",
    "product_class": "Toner",
    "description": "Toner for CopyCentre C65",
    "price_cents": 4995,
    "ean": ["0095205603217", "0095205603218"],
    "released": "2009-12-10",
    "attributes": {"quantity_per_pack": 6.0, "touchscreen": False, "recycled": True},
    "color": "Black",
}


def test_a_shops_product_becomes_facts():
    facts = facts_of([SHOP], "EUR")[0]
    assert facts.keys() == product_facts().keys()
    assert facts["name"] == "Xerox 006R90321 toner cartridge"
    assert facts["category"] == "Toner"
    assert facts["price"] == 49.95
    assert facts["default_code"] == "006R90321"
    assert facts["barcode"] == "0095205603217"
    assert [v["barcode"] for v in facts["variants"]] == ["0095205603218"]
    attributes = {a["name"]: a["values"] for a in facts["attributes"]}
    assert attributes == {
        "quantity per pack": ["6"],
        "recycled": [""],
        "brand": ["Xerox"],
        "color": ["Black"],
    }
    assert search_text(facts).brand == "Xerox"


def test_a_passage_is_a_product_with_a_text_alone():
    facts = facts_of([{"id": 7, "text": "Um parágrafo."}], "BRL")[0]
    assert (facts["name"], facts["sale_text"], facts["attributes"]) == ("", "Um parágrafo.", [])
    assert outer_id({"id": 7}) == "7"


def test_other_shops_names_are_understood():
    other = {
        "product_id": "B1",
        "product_title": "Salon chair",
        "product_bullet_point": ["soft", "tall"],
        "category_hierarchy": "Furniture / Chairs",
        "features": {"legs": 4},
        "price": "199.90",
    }
    facts = facts_of([other], "USD")[0]
    assert facts["name"] == "Salon chair"
    assert facts["sale_text"] == "soft tall"
    assert facts["price"] == 199.9
    assert {"name": "features", "values": ["legs 4"]} in facts["attributes"]
    assert outer_id(other) == "B1"


def test_files_plain_and_packed(tmp_path):
    plain, packed = tmp_path / "p.jsonl", tmp_path / "p.jsonl.gz"
    plain.write_text(json.dumps(SHOP) + "\n\n")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_lines(plain) == read_lines(packed) == [SHOP]


@pytest.mark.parametrize("content", ["[1]\n", "{\n", '"x"\n'])
def test_lines_that_are_no_products_are_named(tmp_path, content):
    path = tmp_path / "bad.jsonl"
    path.write_text(content)
    with pytest.raises(Unprocessable, match=r"bad\.jsonl"):
        read_lines(path)
    with pytest.raises(Unprocessable, match="cannot be read"):
        read_lines(tmp_path / "missing.jsonl")
    with pytest.raises(Unprocessable, match="no id"):
        outer_id({"title": "x"})


def test_a_figure_stays_whole():
    wall = {"id": 1, "title": "Muro", "bricks": 1234567.25, "share": 0.5}
    facts = facts_of([wall], "BRL")[0]
    assert [a["values"] for a in facts["attributes"]] == [["1234567.25"], ["0.5"]]


def test_odd_values_are_no_error():
    odd = {"id": 1, "price": "NaN", "tags": "a", "title": None, "weight": float("inf")}
    odd["attributes"] = [{"name": "Cor", "value": "Azul"}, {"name": "Uso", "values": ["a"]}, "x"]
    facts = facts_of([odd], "BRL")[0]
    assert facts["price"] == 0.0
    assert facts["attributes"][:3] == [
        {"name": "weight", "values": ["inf"]},
        {"name": "Cor", "values": ["Azul"]},
        {"name": "Uso", "values": ["a"]},
    ]
