"""What a product's picture may tell where no fact does: plain colors and shapes, nothing else.

Code does not see. So the picture answers only for what anybody sees at a glance, and only where
the facts are silent; a figure, a material, a certification it never tells.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from sidecar.claims.facts import Fact
from sidecar.claims.lexicon import Mention, lexicon

SOURCE = "image"
_COLOR = "color_"
_ALT = "image_alt"  # the part that describes the picture itself
_PATH = Path(__file__).parent / "seen.yaml"
_BESIDE = re.compile(r"(?:(\w+) (?:de )?)?$")
_NEXT = re.compile(r"(?: de)? (\w+)")


@dataclass(frozen=True)
class _Words:
    shapes: re.Pattern[str]
    parts: re.Pattern[str]
    places: re.Pattern[str]
    kinds: re.Pattern[str]
    doubtful: frozenset[str]


class Sight:
    """The eyes of the model that wrote, for texts in one language (ISO 639-1).

    In languages without words of their own the picture tells nothing.
    """

    def __init__(self, facts: list[Fact], language: str):
        self.language = language
        self._words = _words(language)
        self._told_color = _told(facts, "color") or any(f.speaks_of(_COLOR) for f in facts)
        self._told_shape = _told(facts, "shape") or self._names_shape(facts)

    def tells(self, claim: Mention, folded: str, part: str) -> bool:
        """Whether the picture tells that color; where a fact names one, only in the image's text.

        folded: the sentence that the claim stands in.
        """
        words = self._words
        if words is None or claim.negative or not claim.subject.startswith(_COLOR):
            return False
        if claim.words in words.doubtful or self._names_a_kind(claim, folded, words):
            return False
        return part == _ALT or not self._told_color

    def claims(self, folded: str, part: str) -> Iterator[tuple[int, int, bool]]:
        """(start, end, whether the picture tells it) of shapes, and of places in the image's
        text."""
        if self._words is None:
            return
        for match in self._words.shapes.finditer(folded):
            if not lexicon(self.language).denied(folded, match.start(), match.end()):
                yield match.start(), match.end(), part == _ALT or not self._told_shape
        for match in self._words.places.finditer(folded) if part == _ALT else ():
            yield match.start(), match.end(), True

    def is_part(self, word: str) -> bool:
        """Whether a folded word only says where a color or shape is seen ("legs")."""
        return self._words is not None and bool(self._words.parts.fullmatch(word))

    def _names_shape(self, facts: Iterable[Fact]) -> bool:
        return self._words is not None and any(self._words.shapes.search(f.text) for f in facts)

    @staticmethod
    def _names_a_kind(claim: Mention, folded: str, words: _Words) -> bool:
        before = _BESIDE.search(folded[: claim.start])
        after = _NEXT.match(folded, claim.end)
        beside = (match.group(1) for match in (before, after) if match)
        return any(word and words.kinds.fullmatch(word) for word in beside)


def _told(facts: Iterable[Fact], what: str) -> bool:
    label = _bounded(_read()["told"][what])
    return any(label.search(fact.text) for fact in facts)


@lru_cache(maxsize=8)
def _words(language: str) -> _Words | None:
    told = _read().get(language)
    if told is None:
        return None
    return _Words(
        _bounded(told["shapes"]),
        re.compile(told["parts"]),
        _bounded(told["places"]),
        re.compile(told["kinds"]),
        frozenset(told["doubtful"]),
    )


def _bounded(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])")


@lru_cache(maxsize=1)
def _read() -> dict:
    return yaml.safe_load(_PATH.read_text("utf-8"))
