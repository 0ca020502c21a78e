"""The facts of a writing brief, as claims are compared with them."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sidecar.claims.figures import Figure, fact_figures, fact_text
from sidecar.claims.lexicon import (
    LANGUAGES,
    Lexicon,
    Mention,
    implied,
    lexicon,
    tokenizer,
    verbatim,
)
from sidecar.claims.text import fold, plain, squeeze
from sidecar.claims.warranty import Warranty, warranties

_WORD = re.compile(r"[^\W_]{2,}")
_LONGEST_LABEL = 200
_LONGEST = 20_000  # characters of one fact that are looked at


@dataclass(frozen=True)
class Fact:
    """One fact of a brief. language: ISO 639-1, of the texts."""

    source: str
    label: str
    value: str
    language: str

    @cached_property
    def text(self) -> str:
        """Label and value, folded."""
        return fold(fact_text(self.label, self.value))

    @cached_property
    def figures(self) -> list[Figure]:
        return fact_figures(self.label, self.value, self.language)

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words, folded, as they are written."""
        return frozenset(_WORD.findall(self.text))

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(tokenizer(self.language).tokens(f"{self.label} {self.value}"))

    @cached_property
    def code(self) -> str:
        """All letters and digits in a row."""
        return squeeze(self.text)

    @cached_property
    def warranties(self) -> list[Warranty]:
        return [
            told
            for language in _with_others(self.language)
            for told in warranties(self.text, lexicon(language), lenient=True)
        ]

    @cached_property
    def compatible(self) -> list[tuple[str, bool]]:
        """(with what, whether that is denied) for each thing it says to work with."""
        words = lexicon(self.language)
        return [
            (self.text[match.end() : stop], words.denied(self.text, match.start(), match.end()))
            for match, stop in words.compatible_with(self.text)
        ]

    @cached_property
    def _own(self) -> list[Mention]:
        return lexicon(self.language).mentions(self.text)

    @cached_property
    def _foreign(self) -> list[Mention]:
        # a shop may keep facts in another language than it sells in
        others = (lexicon(other) for other in _with_others(self.language)[1:])
        return [mention for words in others for mention in words.mentions(self.text)]

    def tells(self, claim: Mention) -> bool:
        """Whether the fact says what the mention says, and not the contrary."""
        if any(self._agrees(told, claim) for told in self._own):
            return True
        if any(told.subject == claim.subject for told in self._own):
            return False  # it says the contrary; another language's ears would miss the "no"
        return any(self._agrees(told, claim) for told in self._foreign)

    def _agrees(self, told: Mention, claim: Mention) -> bool:
        if told.negative != claim.negative:
            return False
        if claim.subject in verbatim():
            return told.subject == claim.subject and squeeze(told.words) == squeeze(claim.words)
        if told.subject == claim.subject:
            return True
        # a sofa called Jacarandá need not be of wood
        if told.negative or self.source == "field:name":
            return False
        return claim.subject in implied().get(told.subject, frozenset())

    def speaks_of(self, subjects: str) -> bool:
        """Whether it mentions a subject whose name begins so (`color_`), in any language."""
        return any(told.subject.startswith(subjects) for told in (*self._own, *self._foreign))


def facts_of(brief: dict[str, Any], language: str) -> list[Fact]:
    """The facts of a brief (docs/studio.md)."""
    spoken = language.split("_")[0].lower()
    return [
        Fact(
            str(fact["source"]),
            str(fact.get("label") or "")[:_LONGEST_LABEL],
            plain(str(fact.get("value") or ""))[:_LONGEST],
            spoken,
        )
        for fact in brief["facts"]
    ]


def spoken_lexicon(language: str) -> Lexicon:
    """The lexicon for texts in an Odoo language (`pt_BR`)."""
    return lexicon(language.split("_")[0].lower())


def _with_others(language: str) -> list[str]:
    return [language, *(other for other in LANGUAGES if other != language)]
