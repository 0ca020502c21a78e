"""How good a product text is: 0 to 100, and why. Plain Python without Odoo.

A text starts with 100 points and loses some for each thing that is wrong with it; a Reason says
what, in a code with parameters that others put into words.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from . import html_text, parts, readability
from .word_diff import spans_of

FULL = 100
# Words of description and summary together that a length asks for.
LENGTHS = {"short": (25, 120), "medium": (60, 220), "long": (120, 500)}
COVERED = 0.6  # share of the facts that a text should tell
EASY_ENOUGH = 40  # of readability.reading_ease: texts for the public
SHINGLE = 5  # words in a row: that many equal ones are no accident
ALIKE = 0.4  # share of a text's shingles that a sibling has too
FEWEST_FEATURES = 3
SHORTEST = {"seo_title": 15, "meta_description": 60}  # characters: shorter ones waste the place
# Facts that are no statement of their own in a text.
UNTOLD = frozenset({"field:name", "field:default_code", "field:barcode", "field:list_price"})
COSTS = {
    "empty": 100,
    "unsupported": 40,
    "banned": 30,
    "unclean_html": 20,
    "duplicate": 25,
    "required": 15,
    "too_short": 15,
    "too_long": 10,
    "facts": 20,
    "hard_to_read": 10,
    "few_features": 10,
    "repeated": 10,
    "over_limit": 15,
    "under_limit": 5,
}


@dataclass(frozen=True)
class Reason:
    """One thing that cost points. params: what a sentence about it names."""

    code: str
    points: int
    params: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Quality:
    score: int
    reasons: list


def measure(texts, *, language, facts=(), voice=None, siblings=(), unsupported=0):
    """Return the Quality of a text.

    texts: {part: text}, HTML in `description`, one item per line in lists; parts that were not
    asked for are missing. language: "pt_BR". facts: [{"source", "label", "value"}]. voice:
    {"length", "banned": [words], "required": [words]}. siblings: texts of other products.
    unsupported: number of claims without a source.
    """
    voice = voice or {}
    plain = {
        name: html_text.text_of(text) if parts.KINDS[name] == parts.HTML else (text or "")
        for name, text in texts.items()
    }
    whole = "\n".join(text for text in plain.values() if text.strip())
    if not whole.strip():
        return Quality(0, [Reason("empty", COSTS["empty"])])
    prose = "\n".join(plain.get(name, "") for name in ("short_description", "description")).strip()
    reasons = [
        *_unsupported(unsupported),
        *_length(prose, texts, voice.get("length") or "medium"),
        *_covered(whole, texts, facts),
        *_readable(prose, language),
        *_alike(prose, siblings),
        *_words(whole, voice),
        *_html(texts),
        *_limits(plain),
        *_features(plain),
    ]
    lost = sum(reason.points for reason in reasons)
    ordered = sorted(reasons, key=lambda reason: -reason.points)
    return Quality(max(0, FULL - lost), ordered)


def _reason(code, share=1.0, **params):
    return Reason(code, max(1, round(COSTS[code] * share)), params)


def _unsupported(count):
    if count:
        yield _reason("unsupported", min(1, (1 + count) / 4), count=count)


def _length(prose, texts, length):
    """Only whole texts have a length: a summary alone may be as short as it likes."""
    if not (texts.get("description") or "").strip():
        return
    fewest, most = LENGTHS.get(length, LENGTHS["medium"])
    count = len(readability.WORD.findall(prose))
    if count < fewest:
        yield _reason("too_short", 1 - count / fewest, words=count, wanted=fewest)
    elif count > most:
        yield _reason("too_long", min(1, count / most - 1), words=count, wanted=most)


def _covered(whole, texts, facts):
    # Titles and alternative texts have no room for facts.
    if not any((texts.get(name) or "").strip() for name in ("description", "key_features")):
        return
    told = [
        fact
        for fact in facts
        if fact["source"] not in UNTOLD and not fact["source"].startswith("document:")
    ]
    missed = [fact["label"] for fact in told if not _tells(whole, fact["value"])]
    share = 1 - len(missed) / len(told) if told else 1
    if share < COVERED:
        yield _reason("facts", 1 - share / COVERED, missed=missed, count=len(missed))


def _tells(whole, value):
    """True when the text has one of the value's alternatives, or most words of a long value."""
    folded = fold(whole)
    for option in re.split(r"[,;\n]| / ", str(value)):
        words = re.findall(r"\w+", fold(option))
        if not words:
            continue
        found = sum(re.search(rf"(?<!\w){re.escape(word)}", folded) is not None for word in words)
        if found / len(words) >= COVERED:
            return True
    return not re.search(r"\w", str(value))


def _readable(prose, language):
    index = readability.reading_ease(prose, language)
    if index is not None and index < EASY_ENOUGH:
        yield _reason("hard_to_read", 1 - index / EASY_ENOUGH, index=index)


def _alike(prose, siblings):
    own = _shingles(prose)
    if not own:
        return
    share = max((len(own & _shingles(text)) / len(own) for text in siblings), default=0)
    if share > ALIKE:
        yield _reason("duplicate", share, percent=round(share * 100))


def _shingles(text):
    words = re.findall(r"\w+", fold(text))
    return {tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}


def banned_in(text, words):
    """Return the banned `words` that stand in `text`, whatever their case and accents."""
    folded = fold(text)
    return [word for word in words if word.strip() and spans_of(folded, [fold(word)])]


def _words(whole, voice):
    banned = banned_in(whole, voice.get("banned") or ())
    if banned:
        yield _reason("banned", words=banned)
    required = [word for word in voice.get("required") or () if word.strip()]
    absent = [word for word in required if not banned_in(whole, [word])]
    if absent:
        yield _reason("required", len(absent) / len(required), words=absent)


def _html(texts):
    unclean, unbalanced = html_text.faults_of(texts.get("description"))
    if unclean or unbalanced:
        yield _reason("unclean_html", tags=list(dict.fromkeys([*unclean, *unbalanced])))


def _limits(plain):
    for name, limit in parts.LIMITS.items():
        length = len((plain.get(name) or "").strip())
        if length > limit:
            yield _reason("over_limit", part=name, length=length, limit=limit)
        elif 0 < length < SHORTEST.get(name, 0):
            yield _reason("under_limit", part=name, length=length, limit=SHORTEST[name])


def _features(plain):
    if "key_features" not in plain:
        return
    lines = [fold(line) for line in parts.lines_of(plain["key_features"])]
    if len(set(lines)) < len(lines):
        yield _reason("repeated", (len(lines) - len(set(lines))) / len(lines))
    if len(set(lines)) < FEWEST_FEATURES:
        yield _reason("few_features", 1 - len(set(lines)) / FEWEST_FEATURES, count=len(set(lines)))


def fold(text):
    """Return `text` without case and accents."""
    decomposed = unicodedata.normalize("NFKD", str(text).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
