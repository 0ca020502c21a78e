"""Concepts: tokens beside the words, by which a question for a laptop finds a "Notebook".

A product carries a token for each group of synonyms its texts name, so that a group has
frequencies, saturation and an IDF of its own, as a word has; and one for what it *is*: the last
level of its category. A question asks for the group of its words as far as the shop prefers
another word: a shop that says what the customer says ranks as if there were no synonyms.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from sidecar.search.sparse import FIELDS, idf
from sidecar.search.synonyms import Phrase, synonyms_of
from sidecar.search.tokens import tokenizer_of

MARK = "="  # begins every token of a concept; no token of a word has it
_SAME, _IS, _IS_NAMED = "=", "==", "=:"
_FIELDS = ("name", "purpose", "category", "tags", "description", "enriched")
_IN_KIND = 3.0
_OF_KIND = 0.7  # a netbook is a laptop, but "laptop" says so more surely
# What a question's concepts count beside its words (docs/search.md says how they were chosen).
_KIND = 0.3
_KIND_ELSEWHERE = 1.5  # more, as far as the shop calls it otherwise
_MOST = 8.0
_LONGEST_KIND = 4


def concept_counts(language: str, texts: Mapping[str, str], kind: str) -> dict[str, float]:
    """Weighted frequencies of a product's concepts.

    texts: by field. kind: the last level of its category. In a name or category that has a
    companion (the lock of "laptop lock"), what else is named counts as what the product goes with.
    """
    tokenizer, synonyms = tokenizer_of(language), synonyms_of(language)
    found = {
        field: [named for _, named in synonyms.phrases(tokenizer.tokens(texts[field]))]
        for field in _FIELDS
        if field in texts
    }
    told = [*found.get("name", ()), *found.get("category", ())]
    companion = any(named.companion for named in told)
    counts: dict[str, float] = {}
    for field, names in found.items():
        in_field: dict[str, float] = {}
        for named in names:
            weight = FIELDS[field].weight
            if companion and not named.companion:
                weight = min(weight, FIELDS["purpose"].weight)
            for group in named.kinds:
                in_field[group] = max(in_field.get(group, 0.0), _OF_KIND * weight)
            for group in named.same:
                in_field[group] = max(in_field.get(group, 0.0), weight)
        for group, weight in in_field.items():
            counts[_SAME + group] = counts.get(_SAME + group, 0.0) + weight
    return counts | dict.fromkeys(_kinds(language, kind), _IN_KIND)


def question_weights(
    language: str,
    tokens: Sequence[str],
    words: Mapping[str, int],
    marks: Mapping[str, int],
    documents: int,
) -> dict[str, float]:
    """The concepts a question asks for, and what each counts.

    words, marks: how many of the shop's `documents` products have a token, and a concept.
    """
    phrases = list(synonyms_of(language).phrases(tokens))
    found: dict[str, float] = {}
    for phrase, named in phrases:
        for group in named.same:
            number, known = marks.get(_SAME + group, 0), _known(phrase, words)
            elsewhere = 1 - min(1.0, known / number) if number else 0.0
            if elsewhere > 0:
                found[_SAME + group] = elsewhere
            if products := marks.get(_IS + group):
                # Where much of the shop is that, its IDF is small, and what goes with it, which
                # has the customer's word and is rare, would come first.
                more = idf(known, documents) / idf(products, documents) if known else 1.0
                weight = _KIND_ELSEWHERE * elsewhere * min(_MOST, max(1.0, more))
                found[_IS + group] = _KIND + weight
    for start in range(len(tokens)):
        for end in range(start + 1, min(start + _LONGEST_KIND, len(tokens)) + 1):
            kind = _IS_NAMED + " ".join(tokens[start:end])
            if kind in marks:
                found[kind] = _KIND
    if len(phrases) > 1 and any(named.companion for _, named in phrases):
        # "laptop bag": not a laptop
        found = {mark: weight for mark, weight in found.items() if not mark.startswith(_IS)}
    return found


def names_concept(language: str, tokens: Sequence[str], marks: Mapping[str, int]) -> bool:
    """Whether the shop has products of a group that these tokens name."""
    return any(
        _SAME + group in marks
        for _, named in synonyms_of(language).phrases(tokens)
        for group in named.same
    )


@lru_cache(maxsize=20_000)
def groups_of(language: str, text: str) -> frozenset[str]:
    """The groups that a text names, or names kinds of."""
    tokens = tokenizer_of(language).tokens(text)
    return frozenset(
        group
        for _, named in synonyms_of(language).phrases(tokens)
        for group in (*named.same, *named.kinds)
    )


def kind_mark(language: str, category: str) -> str:
    """The token of what products of a category are ("Quarto / Roupeiros"); "" without one."""
    return next(iter(_kinds(language, category.rpartition(" / ")[2])), "")


@lru_cache(maxsize=20_000)
def _kinds(language: str, kind: str) -> tuple[str, ...]:
    """What a product of a category is; of "Notebook bags" not a notebook."""
    tokens = tokenizer_of(language).tokens(kind)
    if not tokens:
        return ()
    phrases = [named for _, named in synonyms_of(language).phrases(tokens)]
    if len(tokens) > 1 and any(named.companion for named in phrases):
        phrases = []
    groups = [_IS + group for named in phrases for group in (*named.same, *named.kinds)]
    return (_IS_NAMED + " ".join(tokens), *groups)


def _known(phrase: Phrase, words: Mapping[str, int]) -> int:
    """About how many products have the phrase: no more than have its rarest token."""
    return min(words.get(token, 0) for token in phrase)
