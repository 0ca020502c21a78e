"""Groups of synonyms: what phrases name, and lists that hold what they promise."""

import pytest

from sidecar.search.synonyms import Synonyms, synonyms_of
from sidecar.search.tokens import tokenizer_of

LISTS = ("en", "pt", "es")


def named(language: str, text: str) -> dict[str, tuple[list[str], list[str]]]:
    found = synonyms_of(language).phrases(tokenizer_of(language).tokens(text))
    return {" ".join(phrase): (one.same, one.kinds) for phrase, one in found}


def groups(language: str, text: str) -> set[str]:
    return {group for same, _ in named(language, text).values() for group in same}


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("pt", "geladeira", "Refrigerador Frost Free"),
        ("pt", "guarda-roupa", "roupeiros"),
        ("pt", "telefone celular", "aparelho celular"),
        ("pt_BR", "televisao", "TV 50 polegadas"),
        ("en", "laptops", "Business Notebook"),
        ("en_US", "couch", "sofas"),
        ("es", "nevera", "heladera"),
        ("es_AR", "remeras", "camiseta"),
    ],
)
def test_two_words_for_one_thing(language, one, other):
    assert groups(language, one) & groups(language, other)


def test_a_kind_is_no_other_word_for_the_thing():
    (same, kinds), *_ = named("en", "netbook").values()
    assert "laptop" not in same
    assert "laptop" in kinds


def test_the_longest_phrase_counts():
    assert "sofa bed" in groups("en", "a sofa bed")
    assert "sofa" not in groups("en", "a sofa bed")


@pytest.mark.parametrize("language", ["de", "xx", ""])
def test_a_language_without_a_list_names_nothing(language):
    assert list(synonyms_of(language).phrases(["laptop"])) == []
    assert synonyms_of(language).version == ""


def test_the_version_follows_the_list():
    tokenizer = tokenizer_of("en")
    one = Synonyms("sofa, couch\n", tokenizer)
    assert one.version == Synonyms("sofa, couch\n", tokenizer).version
    assert one.version != Synonyms("sofa, couch, settee\n", tokenizer).version


@pytest.mark.parametrize("language", LISTS)
def test_a_list_is_written_as_it_says(language):
    """Each group once, of several names or kinds, and no name that is lost in tokenizing."""
    tokenizer, seen, number = tokenizer_of(language), set(), 0
    for line in _lines(language):
        number += 1
        same, _, kinds = line.lstrip("+").partition(">")
        names = [name.strip() for name in same.split(",")]
        kinds = [kind.strip() for kind in kinds.split(",") if kind.strip()]
        assert names[0] not in seen, line
        seen.add(names[0])
        phrases = [tuple(tokenizer.tokens(name)) for name in (*names, *kinds)]
        assert all(phrases), line
        assert len(set(phrases)) == len(phrases), line
        assert line.startswith("+") or len(phrases) > 1, line
    assert number > 150


@pytest.mark.parametrize("language", LISTS)
def test_a_phrase_is_another_word_for_few_things(language):
    found = synonyms_of(language)
    for line in _lines(language):
        for name in line.lstrip("+").replace(">", ",").split(","):
            for _, one in found.phrases(tokenizer_of(language).tokens(name)):
                assert len(one.same) <= 2, (name, one.same)


def _lines(language: str) -> list[str]:
    from sidecar.search.synonyms import _FOLDER

    text = (_FOLDER / f"{language}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
