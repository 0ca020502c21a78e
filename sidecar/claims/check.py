"""The claim check: what a product's texts say, each claim with the fact it comes from.

Code alone decides. Figures are compared in one unit; materials, certifications and properties by
the lexicons of Portuguese, Spanish and English; names and codes must stand in a fact. What is
neither a figure nor in a lexicon must share words with the facts, unless it is harmless shop talk,
which claims nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sidecar.claims.facts import Fact, facts_of, spoken_lexicon
from sidecar.claims.figures import SIZES, Figure, figures
from sidecar.claims.lexicon import Lexicon, tokenizer
from sidecar.claims.text import fold, plain, sentences, squeeze
from sidecar.claims.warranty import warranties

ITEMS = ("key_features", "use_cases", "tags")
_STATING = frozenset({"short_description", "description", "key_features", "meta_description"})
_NAMED_ALIKE = frozenset({"pt", "es", "en", "fr", "it"})  # where only names are capitalized
_CODE = re.compile(r"\b(?=[a-z-]*\d)(?=[\d-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*\b")
_NAME = re.compile(r"(?<=[a-zà-ÿ,;)%°] )[A-ZÀ-Ý][\w’'&-]+(?: [A-ZÀ-Ý][\w’'&-]+)*")
_WORD = re.compile(r"[^\W\d_]{2,}")
_OBJECT_END = re.compile(r"[.;:!?\n()]| [-–—] |, (?:e|y|and|com|con|with)\b")


@dataclass(frozen=True, slots=True)
class Claim:
    """The words of a part that claim something; source "" and not supported without a fact."""

    part: str
    text: str
    source: str
    kind: str
    supported: bool

    def as_dict(self) -> dict[str, Any]:
        """As docs/studio.md has it."""
        return asdict(self)


def check(
    texts: dict[str, Any], brief: dict[str, Any], language: str, known: Iterable[str] = ()
) -> list[Claim]:
    """The claims of `texts` (part → text, HTML or list), in reading order, none twice.

    language: of the texts, as Odoo names it (`pt_BR`). known: names that are no claim (the shop's).
    """
    judge = _Judge(facts_of(brief, language), spoken_lexicon(language), language, known)
    found: dict[tuple[str, str, str], Claim] = {}
    for part, told in texts.items():
        for sentence in _sentences(part, told):
            for claim in judge.claims(part, sentence):
                found.setdefault((part, claim.text, claim.kind), claim)
    return list(found.values())


def _sentences(part: str, told: Any) -> list[str]:
    if isinstance(told, str):
        return sentences(plain(told) if part == "description" else told)
    return [str(item) for item in told]


class _Judge:
    def __init__(self, facts: list[Fact], words: Lexicon, language: str, known: Iterable[str]):
        self.facts = facts
        self.words = words
        self.language = language.split("_")[0].lower()
        self.stems = tokenizer(self.language)
        self.known = {word for name in known for word in re.findall(r"\w+", fold(name))}
        for fact in facts:
            self.known |= fact.words

    def claims(self, part: str, sentence: str) -> list[Claim]:
        """What one sentence or item claims."""
        folded = fold(sentence)
        found: list[tuple[int, int, str, str | None]] = []
        taken: list[tuple[int, int]] = []
        for finder in (self._warranties, self._compatible, self._mentions, self._figures):
            for start, end, kind, source in finder(folded):
                if any(start < e and s < end for s, e in taken):
                    continue
                taken.append((start, end))
                found.append((start, end, kind, source))
        for finder in (self._codes, self._names):
            for start, end, kind, source in finder(sentence, folded, part):
                if not any(start < e and s < end for s, e in taken):
                    taken.append((start, end))
                    found.append((start, end, kind, source))
        told = [
            Claim(part, sentence[start:end].strip(), source or "", kind, source is not None)
            for start, end, kind, source in sorted(found)
        ]
        if part in _STATING and (rest := self._rest(part, sentence, folded, told)):
            told.append(rest)
        return told

    def _warranties(self, folded: str) -> Iterator[tuple[int, int, str, str | None]]:
        for claim in warranties(folded, self.words):
            source = self._first(
                fact for fact in self.facts if any(claim.told_by(w) for w in fact.warranties)
            )
            yield claim.start, claim.end, "warranty", source

    def _compatible(self, folded: str) -> Iterator[tuple[int, int, str, str | None]]:
        for match in self.words.compatibility.finditer(folded):
            end = _OBJECT_END.search(folded, match.end())
            stop = end.start() if end else len(folded)
            objects = [
                word
                for word in re.findall(r"[^\W_]+", folded[match.end() : stop])
                if self._tells_something(word)
            ]
            if not objects:
                continue
            source = self._first(
                fact for fact in self.facts if all(self._in(word, fact) for word in objects)
            )
            if self.words.denied(folded, match.start(), match.end()):
                source = source if source and self._denies(source) else None
            yield match.start(), stop, "compatibility", source

    def _mentions(self, folded: str) -> Iterator[tuple[int, int, str, str | None]]:
        for mention in self.words.mentions(folded):
            source = self._first(fact for fact in self.facts if fact.tells(mention))
            yield mention.start, mention.end, mention.kind, source

    def _figures(self, folded: str) -> Iterator[tuple[int, int, str, str | None]]:
        for figure in figures(folded, self.language):
            kind = "size" if figure.dimension in SIZES else "number"
            yield figure.start, figure.end, kind, self._told(figure)

    def _told(self, figure: Figure) -> str | None:
        return self._first(
            fact for fact in self.facts if any(figure.told_by(other) for other in fact.figures)
        )

    def _codes(
        self, _sentence: str, folded: str, _part: str
    ) -> Iterator[tuple[int, int, str, str | None]]:
        for match in _CODE.finditer(folded):
            code = squeeze(match.group())
            source = self._first(fact for fact in self.facts if code in fact.code)
            yield match.start(), match.end(), "other", source

    def _names(
        self, sentence: str, _folded: str, part: str
    ) -> Iterator[tuple[int, int, str, str | None]]:
        """Names of brands, places and technologies: they must stand in a fact."""
        if part in ("tags", "seo_title") or self.language not in _NAMED_ALIKE:
            return
        later = [word for word in _WORD.findall(sentence)[1:] if len(word) > 3]
        if len(later) > 2 and sum(word[0].isupper() for word in later) > 0.7 * len(later):
            return  # a title: everything is capitalized
        for match in _NAME.finditer(sentence):
            strange = [
                word
                for word in re.findall(r"\w+", fold(match.group()))
                if word not in self.known and self._tells_something(word)
            ]
            if strange:
                yield match.start(), match.end(), "other", None

    def _rest(self, part: str, sentence: str, folded: str, told: list[Claim]) -> Claim | None:
        """A statement in words that no lexicon knows: it must share words with the facts."""
        unknown, known = [], []
        claimed = " ".join(fold(claim.text) for claim in told)
        for word in _WORD.findall(folded):
            if word in claimed or not self._tells_something(word):
                continue
            (known if self._known_word(word) else unknown).append(word)
        grounded = len(known) + sum(claim.supported for claim in told)
        if part == "key_features":
            strange = len(unknown) > grounded
        else:
            strange = len(unknown) >= 3 and len(unknown) > 2 * grounded
        if strange and all(claim.supported for claim in told):
            return Claim(part, sentence, "", "other", False)
        if part == "key_features" and not told and known:
            best = max(self.facts, key=lambda fact: sum(self._in(w, fact) for w in known))
            return Claim(part, sentence, best.source, "other", True)
        return None

    def _tells_something(self, word: str) -> bool:
        """Whether a folded word is more than grammar or shop talk."""
        return any(stem not in self.words.harmless for stem in self.stems.tokens(word))

    def _known_word(self, word: str) -> bool:
        return word in self.known or any(self._in(word, fact) for fact in self.facts)

    def _in(self, word: str, fact: Fact) -> bool:
        if word in fact.words:
            return True
        stems = [stem for stem in self.stems.tokens(word) if stem not in self.words.harmless]
        return bool(stems) and all(stem in fact.stems for stem in stems)

    def _denies(self, source: str) -> bool:
        told = (fact for fact in self.facts if fact.source == source)
        return any(
            self.words.denied(fact.text, match.start(), match.end())
            for fact in told
            for match in self.words.compatibility.finditer(fact.text)
        )

    @staticmethod
    def _first(facts: Iterable[Fact]) -> str | None:
        return next((fact.source for fact in facts), None)


def unsupported(claims: list[Claim]) -> list[Claim]:
    """Those without a fact."""
    return [claim for claim in claims if not claim.supported]
