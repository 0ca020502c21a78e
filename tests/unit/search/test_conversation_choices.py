"""Which product of a list a customer means, and what words of theirs are learned by it."""

import pytest

from sidecar.context import TenantContext
from sidecar.search.choices import Choices
from sidecar.search.conversation_choices import (
    Shown,
    listed,
    named,
    person_of,
    quoted,
    shown_in,
    teach,
)
from sidecar.store import keys
from sidecar.store.connection import cache_store

SOFA = Shown("Sofá Chesterfield 2 lugares", "Sala / Sofás")
BERLIN = Shown("Sofá Berlim 3 lugares", "Sala / Sofás")
CHAIR = Shown("Poltrona GSB-13", "Sala / Poltronas")
SHOWN = [SOFA, BERLIN, CHAIR]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("quanto custa o chesterfield?", SOFA),
        ("O CHESTERFIELD DE 2 LUGARES", SOFA),
        ("me fala do berlim", BERLIN),
        ("gostei da gsb 13", CHAIR),
        ("gostei da GSB-13", CHAIR),
        ("quero 2", None),  # how many, or which?
        ("e um sofá mais barato?", None),
        ("na verdade quero uma poltrona", None),  # another wish
        ("qual a diferença do chesterfield para o berlim?", None),
        ("não gostei do chesterfield", None),
        ("tem outro além do chesterfield?", None),
        ("obrigado!", None),
        ("", None),
    ],
)
def test_a_product_is_named_by_what_only_it_is_called(words, meant):
    assert named(words, SHOWN, "pt_BR") is meant


def test_who_turns_a_product_down_in_another_language_does_not_choose_it():
    assert named("I don't like the chesterfield", SHOWN, "en_US") is None
    assert named("no quiero el chesterfield", SHOWN, "es") is None
    assert named("is the chesterfield blue?", SHOWN, "en_US") is SOFA


def test_a_quotation_names_its_product_whole():
    long = Shown("Mesa Cedro Grande", "Mesas")
    short = Shown("Mesa Cedro", "Mesas")
    assert quoted("1 × Mesa Cedro: R$ 900,00", [long, short]) is short
    assert quoted("1 × mesa cedro grande: R$ 900,00", [long, short]) is long
    assert quoted("1 × Mesa Cedro Grande\n1 × Sofá Berlim 3 lugares", [long, BERLIN]) is None
    assert quoted("1 × Cadeira", [long, short]) is None


def test_a_list_is_remembered_as_it_was_shown():
    rows = [{"title": one.name, "category": one.category, "id": 1} for one in SHOWN]
    assert shown_in(listed(rows)) == SHOWN
    assert listed(rows[:1]) == listed([]) == ""
    assert shown_in("") == []


@pytest.mark.parametrize(
    ("sought", "kept"),
    [
        ("oi, vocês têm namoradeira?", {"namoradeir"}),
        ("quanto custa uma namoradeira até 900 reais", {"namoradeir"}),
        ("namoradeira com entrega e montagem", {"namoradeir"}),
        ("sou a Zilda, zilda@exemplo.com, namoradeira", {"namoradeir"}),
        ("quais os preços?", set()),
        ("zilda " * 40, set()),
    ],
)
def test_only_words_of_the_wish_are_learned(settings, sought, kept):
    store = cache_store(settings)
    choices = Choices(store, TenantContext("account_1", 1, "pt_BR", "UTC", "BRL"))
    learned = teach(choices, sought, SOFA, person_of(7, 3, "7-1"), "Zilda Quintanilha")
    assert learned is bool(kept)
    members = store.zrange(keys.choices("account_1"), 0, -1)
    assert {member.decode().partition("\t")[0] for member in members} == kept


def test_a_customer_is_one_person_in_all_their_conversations():
    assert person_of(7, 3, "7-1") == person_of(7, 3, "7-2") != person_of(7, 4, "7-1")
    assert person_of(7, None, "7-1") != person_of(7, None, "7-2")
