"""Dates, weekdays and times of day in texts, in Portuguese, Spanish and English."""

import re
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from sidecar.claims.text import fold

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janeiro jan enero ene january",
            "fevereiro fev febrero feb february",
            "marco mar marzo march",
            "abril abr april apr",
            "maio mai mayo may",
            "junho jun junio june",
            "julho jul julio july",
            "agosto ago august aug",
            "setembro set septiembre setiembre sep september sept",
            "outubro out octubre oct october",
            "novembro nov noviembre november",
            "dezembro dez diciembre dic december dec",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NUMERIC = re.compile(r"(?<![\d/.,-])(\d{1,2})[/](\d{1,2})(?:[/](?:\d{4}|\d{2}))?(?![\d/])")
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:o|º|°|st|nd|rd|th)?\s(?:de\s|of\s)?({_MONTH})\b")
_MONTH_DAY = re.compile(rf"\b({_MONTH})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)")
_INSTANT = re.compile(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})")
_LOCAL = re.compile(r"\b\d{4}-\d{2}-\d{2}[T ](\d{2}):(\d{2})(?::\d{2})?(?!\S*[Z+])")
_TIME = re.compile(
    r"(?<![\d:,.$/])([01]?\d|2[0-3])(?::([0-5]\d)"
    r"|\s?h(?:rs?)?([0-5]\d)?)(?![\w:])(?:\s?([ap])\.?m\b)?"
)
_CLOCK = re.compile(r"(?<![\d:,.$/])(1[0-2]|0?[1-9])\s?([ap])\.?m\b")
_AT = re.compile(
    r"\b(?:as|at|a las|das|from)\s([01]?\d|2[0-3])(?!\s?(?:[\d:/%.,]|h|x\b|dias|days|mes|am\b"
    r"|pm\b))"
)
_WEEKDAYS = (
    r"segundas?(?:-feiras?)?|seg|lunes|mondays?|mon",
    r"tercas?(?:-feiras?)?|martes|tuesdays?|tue",
    r"quartas?(?:-feiras?)?|miercoles|wednesdays?|wed",
    r"quintas?(?:-feiras?)?|jueves|thursdays?|thu",
    r"sextas?(?:-feiras?)?|viernes|fridays?|fri",
    r"sabados?|saturdays?",
    r"domingos?|sundays?",
)
# "segunda opção" is the second one
_WEEKDAY = re.compile(
    r"\b(?:"
    + "|".join(f"(?P<d{number}>{names})" for number, names in enumerate(_WEEKDAYS))
    + r")\b(?!\s(?:opca|opci|via|vez|parte|linha|parcela|unidad|peca|cor|fila|mao|hand|cuota))"
)
_TO = re.compile(r"^\s?(?:a|ate|to|through|-|–|al?)\s?$")
_TOMORROW = re.compile(r"\b(?:amanha|tomorrow|(?<!la )(?<!esta )(?<!de )manana)\b")


def dates_in(text: str, zone: ZoneInfo) -> set[tuple[int, int]]:
    """(month, day) of every date, both readings of `03/04`; instants in UTC as `zone` has them."""
    folded, found = fold(text), set()
    for instant in _INSTANT.findall(text):
        moment = _local(instant, zone)
        if moment:
            found.add((moment.month, moment.day))
    return found | {pair for _start, _end, pairs in dates(folded) for pair in pairs}


def dates(folded: str) -> list[tuple[int, int, set[tuple[int, int]]]]:
    """(start, end, readings as (month, day)) of the dates of a folded text."""
    found: list[tuple[int, int, set[tuple[int, int]]]] = []
    for match in _ISO_DATE.finditer(folded):
        found.append((match.start(), match.end(), {(int(match[2]), int(match[3]))}))
    for match in _NUMERIC.finditer(folded):
        one, other = int(match[1]), int(match[2])
        pairs = {(m, d) for d, m in ((one, other), (other, one)) if m <= 12 and 1 <= d <= 31}
        if pairs:
            found.append((match.start(), match.end(), pairs))
    for match in _DAY_MONTH.finditer(folded):
        found.append((match.start(), match.end(), {(_MONTHS[match[2]], int(match[1]))}))
    for match in _MONTH_DAY.finditer(folded):
        found.append((match.start(), match.end(), {(_MONTHS[match[1]], int(match[2]))}))
    return found


def weekdays_in(text: str) -> set[int]:
    """Weekdays of a text (Monday 0), those within "segunda a sexta" too."""
    folded = fold(text)
    named = weekdays(folded)
    found = {day for _start, _end, day in named}
    for (_s, end, first), (start, _e, last) in pairwise(named):
        if _TO.match(folded[end:start]):
            span = (last - first) % 7
            found |= {(first + step) % 7 for step in range(span + 1)}
    return found


def weekdays(folded: str) -> list[tuple[int, int, int]]:
    """(start, end, weekday) of the weekdays that a folded text names."""
    return [
        (match.start(), match.end(), int((match.lastgroup or "d0")[1:]))
        for match in _WEEKDAY.finditer(folded)
    ]


def times_in(text: str, zone: ZoneInfo) -> set[tuple[int, int]]:
    """(hour, minute) of every time of day; instants in UTC as `zone` has them."""
    found = set()
    for instant in _INSTANT.findall(text):
        moment = _local(instant, zone)
        if moment:
            found.add((moment.hour, moment.minute))
    text = _INSTANT.sub(" ", text)
    for match in _LOCAL.finditer(text):
        found.add((int(match[1]), int(match[2])))
    return found | {moment for _start, _end, moment in times(fold(text))}


def times(folded: str) -> list[tuple[int, int, tuple[int, int]]]:
    """(start, end, (hour, minute)) of the times of day of a folded text."""
    found = []
    for match in _TIME.finditer(folded):
        hour, minute = int(match[1]), int(match[2] or match[3] or 0)
        found.append((match.start(), match.end(), (_of_half(hour, match[4]), minute)))
    for match in _CLOCK.finditer(folded):
        found.append((match.start(), match.end(), (_of_half(int(match[1]), match[2]), 0)))
    for match in _AT.finditer(folded):
        found.append((match.start(1), match.end(1), (int(match[1]), 0)))
    return found


def says_tomorrow(folded: str) -> bool:
    """Whether a folded text speaks of tomorrow."""
    return bool(_TOMORROW.search(folded))


def _of_half(hour: int, half: str | None) -> int:
    if half == "p" and hour < 12:
        return hour + 12
    return 0 if half == "a" and hour == 12 else hour


def _local(instant: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.fromisoformat(instant.replace("Z", "+00:00")).astimezone(zone)
    except ValueError:
        return None
