"""What a text says of a warranty: that there is one or none, and how long it lasts."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from sidecar.claims.figures import Figure, figures
from sidecar.claims.lexicon import Lexicon

_DURATIONS = frozenset({"years", "days", "seconds"})
_CLAUSE = re.compile(r"[.;!?\n]")
_LONGEST = 200  # characters of a clause on each side
_REACH = 30  # characters between the word and the time it lasts


@dataclass(frozen=True, slots=True)
class Warranty:
    """At `start`–`end` of a text. lasts: figures of time, each a possible reading."""

    start: int
    end: int
    negative: bool
    lifetime: bool
    lasts: tuple[Figure, ...]

    def told_by(self, fact: "Warranty") -> bool:
        """Whether the fact's words promise as much."""
        if self.negative != fact.negative or (self.lifetime and not fact.lifetime):
            return False
        if not self.lasts:
            return True
        return any(mine.told_by(other) for mine in self.lasts for other in fact.lasts)


def warranties(folded: str, words: Lexicon, lenient: bool = False) -> list[Warranty]:
    """Each mention of a warranty in a folded text."""
    cues = list(words.warranty.finditer(folded))
    times = [
        figure
        for figure in (figures(folded, words.language, lenient, times=True) if cues else ())
        if figure.dimension in _DURATIONS
    ]
    starts = [figure.start for figure in times]
    found = []
    for match in cues:
        start, end = _clause(folded, match.start(), match.end())
        around = slice(
            bisect_left(starts, match.start() - 2 * _REACH),
            bisect_left(starts, match.end() + _REACH + 1),
        )
        near = [
            figure
            for figure in times[around]
            if start <= figure.start
            and figure.end <= end
            and _gap(figure, match.start(), match.end()) <= _REACH
        ]
        life = words.lifetime.search(folded, start, end)
        marks = [match.start(), match.end(), *(m for f in near for m in (f.start, f.end))]
        if life:
            marks += [life.start(), life.end()]
        found.append(
            Warranty(
                min(marks),
                max(marks),
                words.denied(folded, min(marks), match.end()),
                bool(life),
                tuple(near),
            )
        )
    return found


def _clause(folded: str, start: int, end: int) -> tuple[int, int]:
    before = [m.end() for m in _CLAUSE.finditer(folded, max(0, start - _LONGEST), start)]
    after = _CLAUSE.search(folded, end, end + _LONGEST)
    return (
        before[-1] if before else max(0, start - _LONGEST),
        after.start() if after else min(len(folded), end + _LONGEST),
    )


def _gap(figure: Figure, start: int, end: int) -> int:
    return max(figure.start - end, start - figure.end, 0)
