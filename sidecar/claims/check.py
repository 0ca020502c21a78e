"""The claim check: what a product's texts say, each claim with the fact it comes from.

Code alone decides. Figures are compared in one unit; materials, certifications and properties by
the lexicons of Portuguese, Spanish and English; names and codes must stand in a fact. What is
neither a figure nor in a lexicon must share words with the facts, unless it is harmless shop talk,
which claims nothing. Of a picture that the writer saw only colors and shapes are believed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from sidecar.claims.facts import Fact, facts_of, spoken_lexicon
from sidecar.claims.figures import SIZES, Figure, figures
from sidecar.claims.lexicon import Lexicon, tokenizer
from sidecar.claims.seen import SOURCE, Sight
from sidecar.claims.text import fold, plain, sentences, squeeze
from sidecar.claims.warranty import warranties

ITEMS = ("key_features", "use_cases", "tags")
_STATING = frozenset({"short_description", "description", "key_features", "meta_description"})
_NAMED_ALIKE = frozenset({"pt", "es", "en", "fr", "it"})  # where only names are capitalized
_LETTERED = re.compile(r"\b[a-z]{1,8}-?\d[a-z0-9]*(?:-[a-z0-9]+)*\b")  # TP-750, iPhone15
_NUMBERED = re.compile(r"\b\d+[a-z][a-z0-9]*\b")  # 4k, 3d
_NAME = re.compile(r"(?<=[a-zà-ÿ,;)%°] )[A-ZÀ-Ý][\w’'&-]+(?: [A-ZÀ-Ý][\w’'&-]+)*")
# "fits every drill": who works with one thing does not work with all of them
_EVERY = re.compile(
    r"\b(?:qualquer|quaisquer|tod[oa]s|cualquier|any|all|every|univers(?:al|ais|ales))\b"
)
# "With electric brake.": a clause that names what the product has
_BEGINS = re.compile(r"(?:com|con|with|traz|trae)\b([^,;:.!?]*)")
_MOST_CLAIMS = 400  # of one product; those without a fact come first then
_LONGEST_CLAIM = 1000  # characters
_MANY_WORDS = 5  # of a sentence, none of them in a fact
_WORD = re.compile(r"[^\W\d_]{2,}")


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
    texts: dict[str, Any],
    brief: dict[str, Any],
    language: str,
    known: Iterable[str] = (),
    seen: bool = False,
) -> list[Claim]:
    """The claims of `texts` (part → text, HTML or list), in reading order, none twice.

    language: of the texts, as Odoo names it (`pt_BR`). known: names that are no claim (the shop's).
    seen: whether the writer saw the product's picture.
    """
    facts = facts_of(brief, language)
    sight = Sight(facts, language.split("_")[0].lower()) if seen else None
    judge = _Judge(facts, spoken_lexicon(language), language, known, sight)
    found: dict[tuple[str, str, str], Claim] = {}
    for part, told in texts.items():
        for sentence in _sentences(part, told):
            for claim in judge.claims(part, sentence):
                found.setdefault((part, claim.text, claim.kind), claim)
    claims = list(found.values())
    if len(claims) > _MOST_CLAIMS:
        claims = [*unsupported(claims), *(claim for claim in claims if claim.supported)]
    return claims[:_MOST_CLAIMS]


def _sentences(part: str, told: Any) -> list[str]:
    if isinstance(told, str):
        return sentences(plain(told) if part == "description" else told)
    return [str(item) for item in told]


Found = tuple[int, int, str, str | None]
"""Where a claim stands in its sentence, its kind, and the source of the fact that tells it."""


class _Judge:
    def __init__(
        self,
        facts: list[Fact],
        words: Lexicon,
        language: str,
        known: Iterable[str],
        sight: Sight | None = None,
    ):
        self.facts = facts
        self.words = words
        self.sight = sight
        self.language = language.split("_")[0].lower()
        self.stems = tokenizer(self.language)
        self.known = {word for name in known for word in re.findall(r"\w+", fold(name))}
        for fact in facts:
            self.known |= fact.words

    def claims(self, part: str, sentence: str) -> list[Claim]:
        """What one sentence or item claims."""
        folded = fold(sentence)
        found: list[Found] = []
        taken: list[tuple[int, int]] = []
        finders = (
            self._warranties(folded),
            self._compatible(folded),
            self._mentions(folded, part),
            self._codes(folded, _LETTERED),
            self._figures(folded),
            self._codes(folded, _NUMBERED),
            self._names(sentence, part),
            self._visible(folded, part),
        )
        for start, end, kind, source in chain.from_iterable(finders):
            if not any(start < e and s < end for s, e in taken):
                taken.append((start, end))
                found.append((start, end, kind, source))
        told = [
            Claim(
                part,
                sentence[start:end].strip()[:_LONGEST_CLAIM],
                source or "",
                kind,
                source is not None,
            )
            for start, end, kind, source in sorted(found)
        ]
        judged = part in _STATING and self.words.harmless
        if judged and (rest := self._rest(part, sentence, folded, told)):
            told.append(rest)
        return told

    def _warranties(self, folded: str) -> Iterator[Found]:
        for claim in warranties(folded, self.words):
            source = self._first(
                fact for fact in self.facts if any(claim.told_by(w) for w in fact.warranties)
            )
            yield claim.start, claim.end, "warranty", source

    def _compatible(self, folded: str) -> Iterator[Found]:
        for match, stop in self.words.compatible_with(folded):
            objects = [
                word
                for word in re.findall(r"[^\W_]+", folded[match.end() : stop])
                if self._tells_something(word)
            ]
            if objects:
                denied = self.words.denied(folded, match.start(), match.end())
                every = _EVERY.search(folded, match.end(), stop)
                source = self._first(
                    fact
                    for fact in self.facts
                    if (not every or _EVERY.search(fact.text))
                    and self._works(fact, objects, denied)
                )
                yield match.start(), stop, "compatibility", source

    def _works(self, fact: Fact, objects: list[str], denied: bool) -> bool:
        """Whether the fact says that the product works (or does not) with those things."""
        if not all(self._in(word, fact) for word in objects):
            return False
        said = [no for what, no in fact.compatible if any(word in what.split() for word in objects)]
        return denied in said if said else not denied

    def _mentions(self, folded: str, part: str) -> Iterator[Found]:
        for mention in self.words.mentions(folded):
            source = self._first(fact for fact in self.facts if fact.tells(mention))
            if source is None and self.sight and self.sight.tells(mention, folded, part):
                source = SOURCE
            yield mention.start, mention.end, mention.kind, source

    def _figures(self, folded: str) -> Iterator[Found]:
        for figure in figures(folded, self.language):
            kind = "size" if figure.dimension in SIZES else "number"
            yield figure.start, figure.end, kind, self._told(figure)

    def _told(self, figure: Figure) -> str | None:
        return self._first(
            fact for fact in self.facts if any(figure.told_by(other) for other in fact.figures)
        )

    def _codes(self, folded: str, pattern: re.Pattern[str]) -> Iterator[Found]:
        for match in pattern.finditer(folded):
            code = squeeze(match.group())
            source = self._first(fact for fact in self.facts if code in fact.code)
            yield match.start(), match.end(), "other", source

    def _names(self, sentence: str, part: str) -> Iterator[Found]:
        """Names of brands, places and technologies: they must stand in a fact."""
        if part in ("tags", "seo_title") or self.language not in _NAMED_ALIKE:
            return
        later = [word for word in _WORD.findall(sentence)[1:] if len(word) > 3]
        if len(later) > 2 and sum(word[0].isupper() for word in later) > 0.7 * len(later):
            return  # a title: everything is capitalized
        for match in _NAME.finditer(sentence):
            strange = [
                word
                for word in re.findall(r"\w{2,}", fold(match.group()))
                if word not in self.known and self._tells_something(word)
            ]
            if strange:
                yield match.start(), match.end(), "other", None

    def _visible(self, folded: str, part: str) -> Iterator[Found]:
        """Shapes, and where the picture was taken, if the writer saw one."""
        for start, end, shown in self.sight.claims(folded, part) if self.sight else ():
            words = _WORD.findall(folded[start:end])
            source = self._first(f for f in self.facts if all(self._in(w, f) for w in words))
            yield start, end, "other", source or (SOURCE if shown else None)

    def _rest(self, part: str, sentence: str, folded: str, told: list[Claim]) -> Claim | None:
        """A statement in words that no lexicon knows: it must share words with the facts.

        Features, and what a text says the product has or comes with, must share more. What is
        only seen vouches for no other word.
        """
        unknown, known = self._shared(folded, told)
        grounded = len(known) + sum(c.supported and not _only_seen(c) for c in told)
        strange = len(unknown) >= _MANY_WORDS and not grounded
        if part == "key_features":
            strange = strange or len(unknown) > grounded
        elif cue := self.words.possession.search(folded):
            strange = strange or self._is_strange(folded[cue.end() :], told)
        elif begins := _BEGINS.match(folded):
            strange = strange or self._is_strange(begins.group(1), told)
        if strange and all(claim.supported for claim in told):
            return Claim(part, sentence[:_LONGEST_CLAIM], "", "other", False)
        if part == "key_features" and not told and known:
            best = max(self.facts, key=lambda fact: sum(self._in(w, fact) for w in known))
            return Claim(part, sentence[:_LONGEST_CLAIM], best.source, "other", True)
        return None

    def _is_strange(self, folded: str, told: list[Claim]) -> bool:
        """Whether most of what a clause says the product has stands in no fact."""
        unknown, shared = self._shared(folded, told)
        said = [c for c in told if not _only_seen(c) and fold(c.text) in folded]
        return len(unknown) > len(shared) + len(said)

    def _shared(self, folded: str, told: list[Claim]) -> tuple[list[str], list[str]]:
        """The telling words that no claim has: those in no fact, and those in some."""
        claimed = " ".join(fold(claim.text) for claim in told)
        seen = any(map(_only_seen, told))
        unknown, known = [], []
        for word in dict.fromkeys(_WORD.findall(folded)):
            if seen and self.sight and self.sight.is_part(word):
                continue
            if word not in claimed and self._tells_something(word):
                (known if self._known_word(word) else unknown).append(word)
        return unknown, known

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

    @staticmethod
    def _first(facts: Iterable[Fact]) -> str | None:
        return next((fact.source for fact in facts), None)


def _only_seen(claim: Claim) -> bool:
    """Whether the picture tells it, and no fact."""
    return claim.source == SOURCE


def unsupported(claims: list[Claim]) -> list[Claim]:
    """Those without a fact."""
    return [claim for claim in claims if not claim.supported]
