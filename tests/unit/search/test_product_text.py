"""A product's search text comes from its facts alone, the same every time."""

from sidecar.embedding_agents.product_description import search_text
from tests.facts import product_facts


def test_every_field_is_in_the_text():
    text = search_text(
        product_facts(
            variants=[{"id": 9, "name": "x", "default_code": "SOF-3L-AZ", "barcode": "7891"}],
            ai_text="Ideal para apartamentos.",
        )
    )
    assert text.name == "Sofá Jacarandá"
    assert text.category == "Sala Sofás"
    assert text.codes == ("SOF-3L", "SOF-3L-AZ", "7891")
    assert text.attributes == "Cor Azul, Cinza"
    assert text.fields.keys() == {
        "name",
        "category",
        "tags",
        "codes",
        "attributes",
        "description",
    }
    assert "linho" in text.description
    assert "apartamentos" in text.description


def test_codes_are_no_meaning_and_empty_fields_leave_nothing():
    bare = product_facts(category="", tags=[], attributes=[], sale_text="", ai_text="")
    assert search_text(bare).dense == "Sofá Jacarandá"


def test_same_facts_same_text():
    assert search_text(product_facts()) == search_text(product_facts())


def test_stock_and_price_are_not_in_the_text():
    assert search_text(product_facts(price=1.0, available=0.0, in_stock=False)) == search_text(
        product_facts()
    )


def test_what_is_not_among_the_facts_contract_never_gets_in():
    secret = product_facts() | {"standard_price": 777.0, "description": "nota interna"}
    text = search_text(secret)
    assert "777" not in repr(text)
    assert "interna" not in repr(text)


def test_what_stands_behind_for_is_what_the_product_goes_with():
    for name, parts in [
        ("Capa para sofá de 3 lugares", ("Capa", "sofá de 3 lugares")),
        ("Leather case for iPad", ("Leather case", "iPad")),
        ("Cabo p/ TV", ("Cabo", "TV")),
        ("Sofá Jacarandá", ("Sofá Jacarandá", "")),
        ("For two", ("For two", "")),
        ("Parachoque dianteiro", ("Parachoque dianteiro", "")),
    ]:
        text = search_text(product_facts(name=name))
        assert (text.name, text.purpose) == parts


def test_the_brand_is_among_the_attributes():
    branded = product_facts(attributes=[{"name": "Marca", "values": ["Tramontina"]}])
    assert search_text(branded).brand == "Tramontina"
    assert search_text(product_facts()).brand == ""


def test_a_long_text_is_cut_between_words_for_the_model():
    dense = search_text(product_facts(sale_text="palavra " * 400)).dense
    assert len(dense) <= 1000
    assert dense.endswith("palavra")
