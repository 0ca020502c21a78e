"""One ranking out of two: words and meaning, each measured by its own list's spread.

Scores of the halves have no common scale, so each is counted in standard deviations from its
list's mean, then added with a weight (a weighted form of Qdrant's distribution-based fusion). What
is missing from a list stands at that list's end. Words weigh 0.7, meaning 0.3; where the words of
the question are not found together in any product, meaning counts up to 0.8.
"""

import math
from collections.abc import Sequence

Ranking = Sequence[tuple[int, float]]
"""Record ids and scores, best first."""

MEANING = 0.3
MEANING_ALONE = 0.8
# Share of the question's weight that the best product's words cover: from GOOD up the words are
# trusted, from POOR down meaning decides, between the two in proportion.
_GOOD, _POOR = 0.7, 0.45


def fused(sparse: Ranking, dense: Ranking | None, coverage: float | None) -> Ranking:
    """All products of both halves, best first; equal scores are ordered by id.

    coverage: 0 to 1, or None where it is not known. One half alone keeps its own scores; those of
    two are brought to 0–1.
    """
    if not dense or not sparse:
        return list(sparse or dense or [])
    weight = meaning_weight(coverage)
    # A short list of words is filled up with zeros: three products with a word among a hundred
    # without it stand out, among three they would not.
    zeros = [0.0] * max(0, len(dense) - len(sparse))
    by_words, words_end = _standard(sparse, zeros)
    by_meaning, meaning_end = _standard(dense, [])
    scores = {
        record: (1 - weight) * by_words.get(record, words_end)
        + weight * by_meaning.get(record, meaning_end)
        for record in by_words.keys() | by_meaning.keys()
    }
    ranked = sorted(scores.items(), key=lambda one: (-one[1], one[0]))
    return [(record, _unit(score)) for record, score in ranked]


def meaning_weight(coverage: float | None) -> float:
    """How much the dense half counts in this question."""
    if coverage is None:
        return MEANING
    missing = min(1.0, max(0.0, (_GOOD - coverage) / (_GOOD - _POOR)))
    return MEANING + (MEANING_ALONE - MEANING) * missing


def _standard(ranking: Ranking, more: list[float]) -> tuple[dict[int, float], float]:
    """Standard scores by record, and the one of the list's end."""
    values = [score for _, score in ranking] + more
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values)) or 1.0
    found = {record: (score - mean) / spread for record, score in ranking}
    return found, (min(values) - mean) / spread


def _unit(score: float) -> float:
    return 1 / (1 + math.exp(-score))
