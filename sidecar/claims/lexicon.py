"""The words that claims are known by: `lexicon.<language>.yaml`, one file per language.

A file names subjects ("linen", "waterproof") by kind of claim, each with the pattern of its words,
the words that negate, and the harmless words of shop talk that claim nothing. Patterns meet folded
text.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from sidecar.claims.text import fold
from sidecar.search.tokens import Tokenizer

LANGUAGES = ("pt", "es", "en")
KINDS = ("material", "certification", "other")
_FOLDER = Path(__file__).parent
_NEVER = "(?!)"
_NEGATION_REACH = 40  # characters
_CLAUSE = re.compile(r"[,.;:!?\n]|\b(?:mas|but|pero|sino|e sim)\b")
_OBJECT_END = re.compile(r"[.;:!?\n()]| [-–—] |, (?:e|y|and|com|con|with)\b")
_LONGEST_OBJECT = 120  # characters
_BETWEEN = 3  # words between a negation and what it denies


@dataclass(frozen=True, slots=True)
class Mention:
    """A subject spoken of at `start`–`end` of a text; `words` as they stand there, folded."""

    start: int
    end: int
    kind: str
    subject: str
    words: str
    negative: bool


@dataclass(frozen=True)
class Lexicon:
    """The words of one language, with those that are the same in all.

    harmless: stems of shop talk; empty for a language that has no file.
    """

    language: str
    subjects: re.Pattern[str]
    kinds: dict[str, str]
    warranty: re.Pattern[str]
    lifetime: re.Pattern[str]
    compatibility: re.Pattern[str]
    possession: re.Pattern[str]
    negation: re.Pattern[str]
    harmless: frozenset[str]

    def mentions(self, folded: str) -> list[Mention]:
        """Every subject that the folded text speaks of, in order."""
        return [
            Mention(
                match.start(),
                match.end(),
                self.kinds[match.lastgroup or ""],
                match.lastgroup or "",
                match.group(),
                self.denied(folded, match.start(), match.end()),
            )
            for match in self.subjects.finditer(folded)
        ]

    def compatible_with(self, folded: str) -> list[tuple[re.Match[str], int]]:
        """Each "compatible with" of a folded text, and where what it names ends."""
        found = []
        for match in self.compatibility.finditer(folded):
            end = _OBJECT_END.search(folded, match.end(), match.end() + _LONGEST_OBJECT)
            stop = end.start() if end else min(len(folded), match.end() + _LONGEST_OBJECT)
            found.append((match, stop))
        return found

    def denied(self, folded: str, start: int, end: int) -> bool:
        """Whether the text says that it has not what stands at `start`–`end`."""
        if re.match(r"[ -]free\b", folded[end : end + 6]):
            return True
        before = _CLAUSE.split(folded[max(0, start - _NEGATION_REACH) : start])[-1]
        return bool(self.negation.search(before))


@lru_cache(maxsize=8)
def lexicon(language: str) -> Lexicon:
    """The words of a language (ISO 639-1), or those that are alike everywhere."""
    spoken = language if language in LANGUAGES else "other"
    shared, own = _read("any"), _read(spoken)
    subjects, kinds = [], {}
    for kind in KINDS:
        for name in sorted({*shared.get(kind, {}), *own.get(kind, {})}, key=_order(own, kind)):
            patterns = filter(None, (own.get(kind, {}).get(name), shared.get(kind, {}).get(name)))
            subjects.append(rf"(?P<{name}>{'|'.join(patterns)})")
            kinds[name] = kind
    only = "(?! (?:so|apenas|somente|solo|solamente|only)\\b)"
    stems = tokenizer(language)
    return Lexicon(
        language=language,
        subjects=_words("|".join(subjects)),
        kinds=kinds,
        warranty=_words(own["warranty"]),
        lifetime=_words(own["lifetime"]),
        compatibility=_words(own["compatibility"]),
        possession=_words(own["possession"]),
        negation=re.compile(rf"\b(?:{own['negations']})\b{only}(?:\W+\w+){{0,{_BETWEEN - 1}}}\W*$"),
        harmless=frozenset(stem for word in own["harmless"].split() for stem in stems.tokens(word))
        | frozenset(stems.tokens(fold(own["harmless"]))),
    )


@lru_cache(maxsize=8)
def tokenizer(language: str) -> Tokenizer:
    """The tokenizer of a language; it keeps the stems of what it has seen."""
    return Tokenizer(language)


@lru_cache(maxsize=1)
def implied() -> dict[str, frozenset[str]]:
    """subject → the subjects that hold too where it holds."""
    return {name: frozenset(more) for name, more in _read("any")["implies"].items()}


@lru_cache(maxsize=1)
def verbatim() -> frozenset[str]:
    """Subjects that a fact must tell with the very words."""
    return frozenset(_read("any")["verbatim"])


def _order(own: dict, kind: str):
    """As the language's file lists them: "couro sintético" is looked for before "couro"."""
    names = list(own.get(kind, {}))
    return lambda name: (names.index(name) if name in names else len(names), name)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])")


@lru_cache(maxsize=8)
def _read(language: str) -> dict:
    return yaml.safe_load((_FOLDER / f"lexicon.{language}.yaml").read_text("utf-8"))
