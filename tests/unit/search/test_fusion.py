"""Two rankings become one: by spread, with a weight that follows what the words cover."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.search.fusion import MEANING, MEANING_ALONE, fused, meaning_weight

RANKINGS = st.dictionaries(
    st.integers(1, 40), st.floats(0, 50, allow_nan=False), min_size=0, max_size=30
).map(lambda scores: sorted(scores.items(), key=lambda one: (-one[1], one[0])))


def test_one_half_alone_keeps_its_order_and_scores():
    words = [(3, 5.0), (1, 2.0)]
    assert fused(words, None, None) == words
    assert fused(words, [], 0.1) == words
    assert fused([], words, None) == words
    assert fused([], None, None) == []


def test_a_product_in_both_halves_beats_those_in_one():
    words = [(1, 9.0), (2, 8.0), (3, 1.0)]
    meaning = [(4, 0.9), (2, 0.8), (5, 0.1)]
    assert fused(words, meaning, None)[0][0] == 2


def test_words_that_stand_out_come_before_meaning():
    words = [(7, 12.0)]
    meaning = [(n, 0.5 - n / 100) for n in range(1, 30)]
    assert fused(words, meaning, 0.9)[0][0] == 7


def test_meaning_decides_where_words_are_poor():
    words = [(1, 3.0), (2, 2.9), (3, 2.9), (4, 2.8)]
    meaning = [(9, 0.9), (8, 0.4), (7, 0.3), (6, 0.3)]
    assert fused(words, meaning, 0.9)[0][0] == 1
    assert fused(words, meaning, 0.3)[0][0] == 9


def test_the_weight_goes_from_one_end_to_the_other():
    assert meaning_weight(None) == meaning_weight(1.0) == MEANING
    assert meaning_weight(0.0) == pytest.approx(MEANING_ALONE)
    steps = [meaning_weight(n / 20) for n in range(21)]
    assert steps == sorted(steps, reverse=True)


@given(words=RANKINGS, meaning=RANKINGS, coverage=st.one_of(st.none(), st.floats(0, 1)))
def test_nothing_is_lost_or_doubled_and_scores_descend(words, meaning, coverage):
    found = fused(words, meaning, coverage)
    assert {record for record, _ in found} == dict(words).keys() | dict(meaning).keys()
    assert len(found) == len({record for record, _ in found})
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert found == fused(words, meaning, coverage)
