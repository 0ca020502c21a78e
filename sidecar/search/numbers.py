"""Numbers and lengths of a question, as a shop may write them otherwise.

"dois lugares" also asks for "2 lugares", "mesa de 2,20 m" for "220 cm". Tokens are only added, or
count less; nothing is taken out: a cable of "2 m" is sold as one.
"""

import re
from collections.abc import Sequence

from sidecar.search.tokens import Tokenizer, fold

_SAID = 0.8  # a number in words beside the figure, and the other way round
_PIECE = 0.3  # "2" and "20" of 2,20; the "m" behind it
# from two on: one is an article; several spellings of one number, the usual one first
_WORDS = {
    "pt": "dois/duas três/tres quatro cinco seis sete oito nove dez",
    "en": "two three four five six seven eight nine ten",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez",
}
_LONGEST = 100_000  # millimeters; beyond, nobody means the size of a product
_MILLIMETERS = {"mm": 1, "mil": 1, "cm": 10, "cen": 10, "m": 1000, "met": 1000}
_UNIT = (
    r"(?P<unit>mm|cm|m|metros?|met(?:er|re)s?|cent[ií]met(?:ro|er|re)s?|mil[ií]met(?:ro|er|re)s?)"
)
_NUMBER = r"\d{1,4}(?:[.,]\d{1,2})?"
_LENGTH = re.compile(
    rf"(?<![\w.,])(?P<numbers>{_NUMBER}(?:\s*[x×]\s*{_NUMBER}){{0,2}})\s*{_UNIT}(?!\w)",
    re.IGNORECASE,
)


def asked_numbers(text: str, tokens: Sequence[str], tokenizer: Tokenizer) -> dict[str, float]:
    """What tokens count beside, or in place of, the 1 of a token that was typed."""
    pieces = _pieces(text, tokenizer)
    whole = [token for token in tokens if token not in pieces]
    return pieces | _spoken(whole, tokenizer) | _lengths(text)


def _spoken(tokens: Sequence[str], tokenizer: Tokenizer) -> dict[str, float]:
    found = {}
    for number, words in enumerate(_WORDS.get(tokenizer.language, "").split(), 2):
        spelled = [token for word in words.split("/") for token in tokenizer.tokens(word)]
        in_words, in_figures = any(token in tokens for token in spelled), str(number) in tokens
        if in_words != in_figures:
            found[spelled[0] if in_figures else str(number)] = _SAID
    return found


def _lengths(text: str) -> dict[str, float]:
    """Lengths in centimeters."""
    found = {}
    for match in _LENGTH.finditer(text):
        scale = _scale(match)
        for number in re.findall(_NUMBER, match["numbers"]):
            millimeters = round(float(number.replace(",", ".")) * scale)
            if scale != _MILLIMETERS["cm"] and millimeters % 10 == 0 < millimeters <= _LONGEST:
                found[str(millimeters // 10)] = 1.0
    return found


def _pieces(text: str, tokenizer: Tokenizer) -> dict[str, float]:
    """The tokens that mean nothing without the rest of a length in meters."""
    found: dict[str, float] = {}
    for match in _LENGTH.finditer(text):
        if _scale(match) == _MILLIMETERS["m"]:
            decimals = [n for n in re.findall(_NUMBER, match["numbers"]) if not n.isdigit()]
            parts = [part for n in decimals for part in re.split("[.,]", n)]
            found |= dict.fromkeys([*parts, *tokenizer.tokens(match["unit"])], _PIECE)
    return found


def _scale(match: re.Match[str]) -> int:
    unit = fold(match["unit"])
    return _MILLIMETERS.get(unit) or _MILLIMETERS[unit[:3]]
