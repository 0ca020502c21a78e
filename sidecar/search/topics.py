"""What people call each kind of rule: "frete" and "vocês entregam?" are both about delivery.

A small lexicon per language (`topic_words.py`), compared without accents. An entry is a word, the
beginning of words (`entreg*`) or a phrase; a beginning of five letters or more also matches a word
with one letter wrong. It names what any shop may be asked, never a rule of a certain shop.
"""

import re
from functools import lru_cache
from typing import Any

from sidecar.search.lexicon import edits
from sidecar.search.stopwords import STOPWORDS
from sidecar.search.tokens import fold
from sidecar.search.topic_words import TOPIC_WORDS

PROMOTION, DELIVERY, PAYMENT, RETURN, WARRANTY = (
    "promotion",
    "delivery",
    "payment",
    "return",
    "warranty",
)
HOURS, SCHEDULING, ADDRESS, CONTACT, CANCELLATION, EVENT = (
    "hours",
    "scheduling",
    "address",
    "contact",
    "cancellation",
    "event",
)
_LEAST_TYPED = 5  # shorter words are too near to each other
_WORDS = re.compile(r"[^\W_]+")
# kinds of rules that are a topic of their own; the others say in their titles what they are about
_OF_SUBKIND = {
    "delivery": DELIVERY,
    "payment": PAYMENT,
    "return": RETURN,
    "warranty": WARRANTY,
    "promotion": PROMOTION,
    "discount": PROMOTION,
    "seasonal": PROMOTION,
    "event": EVENT,
}


def topics_asked(text: str, language: str) -> frozenset[str]:
    """The topics that a text speaks of; `language` is ISO 639-1. None without a lexicon."""
    return frozenset(_matches(text, language))


def topic_words_in(text: str, language: str) -> frozenset[str]:
    """The folded words of `text` that name a topic."""
    return frozenset(word for words in _matches(text, language).values() for word in words)


def topics_of(facts: dict[str, Any], language: str) -> frozenset[str]:
    """The topics of a rule: of its kind, and those that its title speaks of."""
    if facts["kind"] == "profile":  # its title is the company's name
        return kind_topics(facts)
    titled = topics_asked(facts["title"], language)
    if facts["group"] == "temporary":  # "Holiday gift sets" says nothing of opening hours
        titled -= {HOURS}
    return kind_topics(facts) | titled


def kind_topics(facts: dict[str, Any]) -> frozenset[str]:
    """The topics of a rule's kind, of what it stands in for and of its figures."""
    kind, structure = facts["kind"], facts["structure"]
    found: set[str] = set()
    if kind == "rule":
        named = (facts["subkind"], structure.get("replaces"), *structure)
        found = {_OF_SUBKIND[name] for name in named if name in _OF_SUBKIND}
    elif kind == "scheduling":
        found.add(SCHEDULING)
        if structure.get("scheduling", {}).get("cancellation_policy"):
            found.add(CANCELLATION)
    elif kind == "profile":
        found = {HOURS, ADDRESS, CONTACT}
    return frozenset(found)


@lru_cache(maxsize=2000)
def _matches(text: str, language: str) -> dict[str, tuple[str, ...]]:
    small = _function_words(language)
    words = [(word, word in small) for word in _WORDS.findall(fold(text))]
    found: dict[str, tuple[str, ...]] = {}
    for topic, entries in _lexicon(language).items():
        matched = [word for entry in entries for word in _entry_in(entry, words)]
        if matched:
            found[topic] = tuple(dict.fromkeys(matched))
    return found


def _entry_in(entry: tuple[str, ...], words: list[tuple[str, bool]]) -> list[str]:
    for start in range(len(words) - len(entry) + 1):
        part = words[start : start + len(entry)]
        if all(_fits(wanted, *word) for wanted, word in zip(entry, part, strict=True)):
            return [word for word, _small in part]
    return []


@lru_cache(maxsize=8)
def _function_words(language: str) -> frozenset[str]:
    return frozenset(map(fold, STOPWORDS.get(language, ())))


@lru_cache(maxsize=100_000)
def _fits(wanted: str, word: str, small: bool) -> bool:
    """small: the word is a function word, which is no other one mistyped ("entre", "entrega")."""
    beginning = wanted.removesuffix("*")
    if beginning != wanted:
        if word.startswith(beginning):
            return True
        return not small and (
            len(beginning) >= _LEAST_TYPED
            and word[:1] == beginning[:1]
            and any(
                edits(word[: len(beginning) + more], beginning) == 1
                for more in (-1, 0, 1)
                if len(word) >= len(beginning) + more
            )
        )
    if word == wanted or small:
        return word == wanted
    shorter = min(len(word), len(wanted))
    return (
        len(wanted) >= _LEAST_TYPED
        and word[:1] == wanted[:1]
        and abs(len(word) - len(wanted)) <= 1
        # another ending is another word: "troco" is no mistyped "troca"
        and word[: shorter - 1] != wanted[: shorter - 1]
        and edits(word, wanted) == 1
    )


@lru_cache(maxsize=8)
def _lexicon(language: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    return {
        topic: tuple(tuple(entry.split()) for entry in entries)
        for topic, entries in TOPIC_WORDS.get(language, {}).items()
    }
