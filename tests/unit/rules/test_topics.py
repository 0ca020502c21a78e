"""What people call each kind of rule."""

import pytest

from sidecar.search.tokens import fold
from sidecar.search.topic_words import TOPIC_WORDS
from sidecar.search.topics import topics_asked, topics_of
from tests.business_rules import fact


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("tem alguma promoção?", {"promotion"}),
        ("TEM PROMOCAO", {"promotion"}),
        ("tem promoçao ou descnto", {"promotion"}),
        ("qual o fretes", {"delivery"}),
        ("vcs entregan aqui", {"delivery"}),
        ("tem troco pra 50?", {"payment"}),
        ("posso trocar?", {"return"}),
        ("abrem domingo?", {"hours"}),
        ("quero agendar uma visita", {"scheduling"}),
        ("onde fica a loja?", {"address"}),
        ("tem sofá azul de 3 lugares até 3 mil?", set()),
        ("guarda-roupa de 6 portas", set()),
        ("mesa entre 500 e mil", set()),
        ("", set()),
    ],
)
def test_portuguese(question: str, topics: set[str]) -> None:
    assert topics_asked(question, "pt") == topics


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("any discounts?", {"promotion"}),
        ("do you delivr on sundays", {"hours", "delivery"}),
        ("can i get a refund", {"return"}),
        ("moisturizer for dry skin", set()),
        ("I opened the lipstick", set()),
    ],
)
def test_english(question: str, topics: set[str]) -> None:
    assert topics_asked(question, "en") == topics


def test_a_language_without_a_lexicon_has_no_topics() -> None:
    assert topics_asked("hay promociones?", "xx") == set()


def test_a_rules_topics_are_its_kinds_its_figures_and_its_titles() -> None:
    assert topics_of(fact(), "pt") == {"return"}
    seasonal = fact(
        group="temporary", subkind="seasonal", title="Montagem grátis",
        structure={"replaces": "delivery"},
    )  # fmt: skip
    assert topics_of(seasonal, "pt") == {"promotion", "delivery", "assembly"}


def test_a_holiday_offer_says_nothing_of_opening_hours() -> None:
    offer = fact(group="temporary", subkind="seasonal", title="Holiday gift sets", structure={})
    assert topics_of(offer, "en") == {"promotion", "gift"}


@pytest.mark.parametrize("language", sorted(TOPIC_WORDS))
def test_the_lexicon_is_folded_and_names_no_shop(language: str) -> None:
    for entries in TOPIC_WORDS[language].values():
        for entry in entries:
            assert entry == fold(entry)
            assert not any(character.isdigit() for character in entry)
