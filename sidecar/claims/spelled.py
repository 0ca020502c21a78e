"""Numbers in words: `cento e vinte`, `setecientos cincuenta`, `twenty-five`; "one" and "half"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# One to nine, what follows them below a hundred, tens, hundreds.
_PT = (
    "dois:2 duas:2 tres:3 quatro:4 cinco:5 seis:6 sete:7 oito:8 nove:9",
    "dez:10 onze:11 doze:12 treze:13 quatorze:14 catorze:14 quinze:15 dezesseis:16 dezasseis:16"
    " dezessete:17 dezoito:18 dezenove:19",
    "vinte:20 trinta:30 quarenta:40 cinquenta:50 sessenta:60 setenta:70 oitenta:80 noventa:90",
    "cem:100 cento:100 duzentos:200 duzentas:200 trezentos:300 trezentas:300 quatrocentos:400"
    " quatrocentas:400 quinhentos:500 quinhentas:500 seiscentos:600 seiscentas:600"
    " setecentos:700 setecentas:700 oitocentos:800 oitocentas:800 novecentos:900 novecentas:900",
)
_ES = (
    "dos:2 tres:3 cuatro:4 cinco:5 seis:6 siete:7 ocho:8 nueve:9",
    "diez:10 once:11 doce:12 trece:13 catorce:14 quince:15 dieciseis:16 diecisiete:17 dieciocho:18"
    " diecinueve:19 veintiun:21 veintiuno:21 veintiuna:21 veintidos:22 veintitres:23"
    " veinticuatro:24 veinticinco:25 veintiseis:26 veintisiete:27 veintiocho:28 veintinueve:29",
    "veinte:20 treinta:30 cuarenta:40 cincuenta:50 sesenta:60 setenta:70 ochenta:80 noventa:90",
    "cien:100 ciento:100 doscientos:200 doscientas:200 trescientos:300 trescientas:300"
    " cuatrocientos:400 cuatrocientas:400 quinientos:500 quinientas:500 seiscientos:600"
    " seiscientas:600 setecientos:700 setecientas:700 ochocientos:800 ochocientas:800"
    " novecientos:900 novecientas:900",
)
_EN = (
    "two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9",
    "ten:10 eleven:11 twelve:12 thirteen:13 fourteen:14 fifteen:15 sixteen:16 seventeen:17"
    " eighteen:18 nineteen:19",
    "twenty:20 thirty:30 forty:40 fifty:50 sixty:60 seventy:70 eighty:80 ninety:90",
    "hundred:100",
)
_ONES = {"pt": "um|uma", "es": "un|uno|una", "en": "one"}
_AND = {"pt": r" e ", "es": r" y ", "en": r"[ -]"}
_THOUSAND = {"pt": "mil", "es": "mil", "en": "thousand"}
_HALF = {"pt": "mei[oa]", "es": "medi[oa]", "en": "half an?"}
_REST = {"pt": r" e (?:mei[oa])\b", "es": r" y (?:medi[oa])\b", "en": r" and a half\b"}
# "One" is a number where it measures; elsewhere it is grammar ("uma sala", "one day").
_MEASURED = (
    r"(?=[ -](?:(?:centi|mili|milli)?(?:metros?|met(?:er|re)s?|litros?|lit(?:er|re)s?)"
    r"|qui?los?|kilos?|quilogramas?|kilogramos?|kilograms?|toneladas?|tons?|polegadas?|pulgadas?"
    r"|inch(?:es)?|pounds?|libras?{times})\b)"
)
_TIMES = r"|anos?|mes(?:es)?|years?|months?"


@dataclass(frozen=True)
class _Words:
    values: dict[str, float]
    ones: dict[str, float]
    numbers: re.Pattern[str]
    small: re.Pattern[str]
    thousand: str
    hundreds: bool


def spelled(folded: str, language: str, times: bool) -> Iterator[tuple[int, int, float]]:
    """(start, end, value) of each number in words of a folded text; none in unknown languages.

    times: whether the "one" of "one year" counts, too.
    """
    words = _words(language)
    if words is None:
        return
    for match in words.numbers.finditer(folded):
        yield match.start(), match.end(), _value(match.group(), words)
    for match in _alone(language, times).finditer(folded):
        yield match.start(), match.end(), 0.5 if match.group("half") else 1.0


def rest_of(folded: str, end: int, language: str) -> tuple[int, float, bool] | None:
    """What follows a measure at `end`: (its end, how much more, whether said in hundredths)."""
    words = _words(language)
    if words is None:
        return None
    if half := re.compile(_REST[language]).match(folded, end):
        return half.end(), 0.5, False
    if match := words.small.match(folded, end):
        told = match.group(1)
        value = float(told) if told.isdigit() else _value(told, words)
        return match.end(), value / 100, True
    return None


def _value(text: str, words: _Words) -> float:
    total = current = 0.0
    for word in re.findall(r"[a-z]+", text):
        if word == words.thousand:
            total, current = (current or 1) * 1000, 0.0
        elif words.hundreds and word == "hundred":
            current = (current or 1) * 100
        else:
            current += words.values.get(word) or words.ones.get(word, 0.0)
    return total + current


@lru_cache(maxsize=8)
def _words(language: str) -> _Words | None:
    told = {"pt": _PT, "es": _ES, "en": _EN}.get(language)
    if told is None:
        return None
    units, teens, tens, hundreds = (_read(part) for part in told)
    ones, link, thousand = _ONES[language], _AND[language], _THOUSAND[language]
    unit = "|".join(units)
    below_hundred = (
        rf"(?:(?:{'|'.join(tens)})(?:{link}(?:{unit}|{ones}))?|{'|'.join(teens)}|{unit})"
    )
    between = r"(?: e | y | and |[ -])"
    if language == "en":
        hundred = rf"(?:(?:(?:{unit}|one) )?hundred(?:{between}{below_hundred})?)"
    else:
        hundred = rf"(?:(?:{'|'.join(hundreds)})(?:{between}{below_hundred})?)"
    below_thousand = rf"(?:{hundred}|{below_hundred})"
    number = rf"(?:(?:{below_thousand} )?{thousand}(?:{between}{below_thousand})?|{below_thousand})"
    follows = r"(?! (?:centim|cm\b|milim|mm\b|kilo|quilo|gram|litro))"
    return _Words(
        units | teens | tens | hundreds,
        dict.fromkeys(ones.split("|"), 1.0),
        re.compile(rf"\b{number}\b"),
        re.compile(rf"(?: e | y )(\d{{1,2}}|{below_hundred})\b(?![.,]\d){follows}(?= de |[.,;]|$)"),
        thousand,
        language == "en",
    )


@lru_cache(maxsize=16)
def _alone(language: str, times: bool) -> re.Pattern[str]:
    before = rf"\b(?:(?P<half>{_HALF[language]})|(?:{_ONES[language]}))"
    return re.compile(before + _MEASURED.replace("{times}", _TIMES if times else ""))


def _read(pairs: str) -> dict[str, float]:
    told = (pair.split(":") for pair in pairs.split())
    return {word: float(value) for word, value in told}
