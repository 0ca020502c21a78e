"""Answers stay small and say what is missing."""

import json

from hypothesis import given
from hypothesis import strategies as st

from sidecar.tools.caps import capped


def test_a_small_answer_is_left_alone() -> None:
    answer = {"name": "x", "rows": [1, 2], "deep": {"list": [1]}}
    assert capped(answer, 5, 1000) == answer


def test_lists_end_at_the_cap_and_the_rest_is_counted() -> None:
    told = capped({"rows": list(range(50)), "deep": {"list": list(range(50))}}, 20, 10_000)
    assert told["rows"] == list(range(20))
    assert told["deep"]["list"] == list(range(20))
    assert told["more"] == {"deep.list": 30, "rows": 30}


def test_lists_within_lists_are_counted_together() -> None:
    orders = [{"lines": [1, 2, 3, 4]}, {"lines": [1]}, {"lines": [1, 2, 3]}]
    told = capped({"orders": orders}, 2, 10_000)
    assert told == {
        "orders": [{"lines": [1, 2]}, {"lines": [1]}],
        "more": {"orders": 1, "orders.lines": 2},
    }


def test_a_link_is_whole_or_not_there() -> None:
    url = "https://shop.example/pay?" + "t" * 400
    assert capped({"url": url, "text": "x" * 5000}, 20, 500)["url"] == url


def test_the_longest_list_gives_way_to_the_limit_of_characters() -> None:
    answer = {"big": [{"text": "x" * 300}] * 20, "small": [1, 2]}
    told = capped(answer, 20, 2000)
    assert len(json.dumps({k: told[k] for k in ("big", "small")})) <= 2000
    assert told["small"] == [1, 2]
    assert told["more"]["big"] + len(told["big"]) == 20


def test_what_was_counted_before_is_added() -> None:
    told = capped({"rows": [1, 2, 3], "more": {"rows": 7}}, 2, 1000)
    assert told == {"rows": [1, 2], "more": {"rows": 8}}


def test_one_long_text_is_cut() -> None:
    told = capped({"text": "x" * 50_000, "n": 3}, 20, 2000)
    assert len(told["text"]) <= 200
    assert told["n"] == 3


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=5).filter(lambda name: name != "more"),
        st.one_of(st.text(max_size=3000), st.lists(st.text(max_size=150), max_size=80)),
        max_size=6,
    )
)
def test_nothing_is_lost_without_being_counted(answer: dict) -> None:
    told = capped(answer, 20, 3000)
    for name, value in answer.items():
        if isinstance(value, list):
            assert len(told[name]) + told.get("more", {}).get(name, 0) == len(value)
