"""Concepts: what a product names and is, and what a question asks for beside its words."""

from sidecar.search.concepts import concept_counts, groups_of, question_weights
from sidecar.search.lexicon import Lexicon
from sidecar.search.tokens import tokenizer_of


def shop(language: str, *products: tuple[str, str]) -> Lexicon:
    """A shop of (name, last level of the category)."""
    marks = [
        concept_counts(language, {"name": name, "category": kind}, kind) for name, kind in products
    ]
    return Lexicon.of(language, [f"{name} {kind}" for name, kind in products], marks)


def asked(lexicon: Lexicon, question: str) -> dict[str, float]:
    return lexicon.concepts(tokenizer_of(lexicon.language).tokens(question))


def test_a_shop_that_says_it_as_the_customer_does_ranks_as_without_synonyms():
    assert "=sofa" not in asked(shop("en", ("Blue sofa", "Living"), ("Sofa", "Living")), "sofa")


def test_the_rarer_the_customers_word_the_more_the_concept_counts():
    none = shop("en", ("Blue sofa", ""), ("Red sofa", ""))
    some = shop("en", ("Blue sofa", ""), ("Red sofa", ""), ("Couch", ""))
    assert asked(none, "couch")["=sofa"] == 1
    assert 0 < asked(some, "couch")["=sofa"] < 1
    assert asked(some, "sofa")["=sofa"] < asked(some, "couch")["=sofa"]


def test_what_the_shop_does_not_sell_is_not_asked_for():
    assert asked(shop("en", ("Blue lamp", "Lamps")), "couch") == {}


def test_a_category_says_what_a_product_is():
    lexicon = shop("en", ("ProBook 450 15 inch", "Notebook"), ("Laptop lock", "Locks"))
    found = asked(lexicon, "laptop")
    assert found["==laptop"] > found["=laptop"] > 0
    assert asked(lexicon, "locks")["=:lock"] > 0


def test_a_companion_of_a_product_is_not_the_product():
    product = concept_counts("en", {"name": "Laptop 15"}, "")
    lock = concept_counts("en", {"name": "Laptop lock"}, "")
    assert product["=laptop"] > lock["=laptop"] > 0
    assert "==laptop" not in concept_counts("en", {"name": "x"}, "Notebook bags")
    lexicon = shop("en", ("ProBook 450", "Notebook"), ("Laptop bag", "Bags"))
    assert "==laptop" not in asked(lexicon, "laptop bag")


def test_a_kind_says_it_less_surely_and_is_counted_once():
    laptop = concept_counts("en", {"name": "Laptop"}, "")["=laptop"]
    netbook = concept_counts("en", {"name": "Netbook"}, "")["=laptop"]
    both = concept_counts("en", {"name": "Netbook laptop"}, "")["=laptop"]
    assert netbook < laptop == both


def test_who_asks_for_a_kind_is_not_shown_the_rest():
    lexicon = shop("en", ("MicroSD 8 GB", ""), ("Memory card 16 GB", ""))
    assert "=memory card" not in asked(lexicon, "microsd")
    assert "=memory card" in asked(lexicon, "flash memory card")


def test_a_long_question_asks_for_few_things():
    lexicon = shop("en", ("Blue sofa", "Sofas"), ("Desk", "Desks"))
    found = asked(lexicon, "couch " * 500)
    assert set(found) <= {"=sofa", "==sofa"}


def test_marks_survive_more_products():
    one, other = shop("en", ("Sofa", "")), shop("en", ("Settee", ""), ("Desk", ""))
    assert one.with_more(other, 3).marks["=sofa"] == 2


def test_no_word_is_a_mark():
    lexicon = shop("en", ("Sofa =sofa ==sofa", ""))
    assert not any("=" in word for word in lexicon.words)
    assert question_weights("en", ["=sofa"], {}, lexicon.marks, 1) == {}


def test_a_known_concept_is_no_typing_mistake():
    lexicon = shop("pt", ("Refrigerador Frost Free 400 L", "Refrigeração"), ("Gelateira", ""))
    assert set(lexicon.meant("geladeira")) == set()
    assert "=geladeira" in asked(lexicon, "geladeira")


def test_groups_of_a_text():
    assert "sofa" in groups_of("en", "A settee")
    assert "laptop" in groups_of("en", "Netbook")
    assert groups_of("en", "Walnut") == frozenset()
