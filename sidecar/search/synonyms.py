"""Groups of words that shoppers use for the same thing, one text file a language.

General retail words of our own, none for one shop; `synonym_words/en.txt` says how they are
written.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from sidecar.search.tokens import Tokenizer, tokenizer_of

_FOLDER = Path(__file__).parent / "synonym_words"

Phrase = tuple[str, ...]
"""Tokens of a name, in order."""


@dataclass(slots=True)
class Named:
    """What a phrase stands for: names of groups.

    same: it is another word for these. kinds: it is a kind of these. companion: what it names goes
    with another product (a case, a cable).
    """

    same: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    companion: bool = False


class Synonyms:
    """The groups of one language; an unknown language has none.

    version: changes whenever the same text may name other groups.
    """

    def __init__(self, text: str, tokenizer: Tokenizer):
        self.version = hashlib.sha256(text.encode()).hexdigest()[:12] if text else ""
        self._named: dict[Phrase, Named] = {}
        for line in text.splitlines():
            if line.strip() and not line.startswith("#"):
                self._add(line, tokenizer)
        self._longest = max(map(len, self._named), default=0)

    def phrases(self, tokens: Sequence[str]) -> Iterator[tuple[Phrase, Named]]:
        """What these tokens of a text name, in order: longest known phrases, none twice over."""
        start = 0
        while start < len(tokens):
            for length in range(min(self._longest, len(tokens) - start), 0, -1):
                phrase = tuple(tokens[start : start + length])
                if (named := self._named.get(phrase)) is not None:
                    yield phrase, named
                    start += length
                    break
            else:
                start += 1

    def _add(self, line: str, tokenizer: Tokenizer) -> None:
        same, _, kinds = line.lstrip("+").partition(">")
        names = [name.strip() for name in same.split(",")]
        for name in names:
            named = self._named.setdefault(tuple(tokenizer.tokens(name)), Named())
            named.companion = named.companion or line.startswith("+")
            if names[0] not in named.same:
                named.same.append(names[0])
        for name in filter(None, (kind.strip() for kind in kinds.split(","))):
            named = self._named.setdefault(tuple(tokenizer.tokens(name)), Named())
            if names[0] not in named.kinds:
                named.kinds.append(names[0])


@lru_cache(maxsize=32)
def synonyms_of(language: str) -> Synonyms:
    """The process's groups of a language (Odoo or ISO code)."""
    tokenizer = tokenizer_of(language)
    path = _FOLDER / f"{tokenizer.language}.txt"
    return Synonyms(path.read_text(encoding="utf-8") if path.exists() else "", tokenizer)
