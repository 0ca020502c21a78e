"""A rule holds from its first second on and not in the one after its last."""

from typing import Any

import pytest

from sidecar.data_proxy.rule_memory import FRESH, RuleSnapshot, candidates
from sidecar.search.rule_times import holds, in_force
from tests.business_rules import fact

START = 1795575600.0  # 2026-11-25T03:00:00Z


def temporary(record: int = 1, **changes: Any) -> dict[str, Any]:
    dated = {"valid_from": "2026-11-25T03:00:00Z", "valid_to": "2026-11-26T03:00:00Z"}
    told = {"group": "temporary", "subkind": "promotion", "structure": {}}
    return fact(**({"id": record} | told | dated | changes))


@pytest.mark.parametrize(
    ("seconds", "held"), [(-0.001, False), (0, True), (86399.999, True), (86400, False)]
)
def test_boundaries(seconds: float, held: bool) -> None:
    assert holds(temporary(), START + seconds) is held
    assert holds(fact(), START + seconds)


@pytest.mark.parametrize(
    ("new", "old", "hidden"),
    [
        ({}, {}, True),
        ({}, {"categories": ["Quarto / Colchões"]}, True),
        ({"categories": ["Quarto"]}, {}, False),
        ({"categories": ["Quarto"]}, {"categories": ["Quarto / Colchões"]}, True),
        ({"categories": ["Quarto"]}, {"categories": ["Quarto / Colchões", "Sala"]}, False),
        ({"products": [5]}, {"products": [5]}, True),
        ({"products": [5]}, {"products": [5, 6]}, False),
        ({}, {"subkind": "delivery"}, False),
    ],
)
def test_what_a_temporary_rule_stands_in_for(
    new: dict[str, Any], old: dict[str, Any], hidden: bool
) -> None:
    replacing = temporary(structure={"replaces": "return"}, **new)
    permanent = fact(id=2, **old)
    told = [rule["id"] for rule in in_force([replacing, permanent], START)]
    assert told == ([1] if hidden else [1, 2])
    assert [rule["id"] for rule in in_force([replacing, permanent], START - 1)] == [2]


def test_a_free_delivery_to_some_regions_replaces_only_those() -> None:
    def delivery(*regions: str) -> dict[str, Any]:
        return {"delivery": {"regions": list(regions)}}

    new = temporary(structure={"replaces": "delivery", **delivery("São Paulo", "Osasco")})
    city = fact(id=2, subkind="delivery", structure=delivery("são  paulo"))
    state = fact(id=3, subkind="delivery", structure=delivery("interior"))
    anywhere = fact(id=4, subkind="delivery", structure=delivery())
    told = [rule["id"] for rule in in_force([new, city, state, anywhere], START)]
    assert told == [1, 3, 4]


def test_odoos_word_on_what_is_replaced_goes_first() -> None:
    one, other = fact(id=1), fact(id=2)
    snapshot = RuleSnapshot(START, True, in_force=(other,), told=(one, other))
    assert [rule["id"] for rule in candidates(snapshot, START)] == [2]


def test_between_two_reads_the_clock_decides() -> None:
    coming, going = temporary(1), temporary(2, valid_from=False, valid_to="2026-11-25T03:00:00Z")
    snapshot = RuleSnapshot(START - 2, True, in_force=(going,), told=(coming, going))
    assert [rule["id"] for rule in candidates(snapshot, START - 1)] == [2]
    assert [rule["id"] for rule in candidates(snapshot, START)] == [1]


def test_what_was_written_between_the_two_reads_is_told() -> None:
    snapshot = RuleSnapshot(START, True, in_force=(fact(id=9),), told=())
    assert [rule["id"] for rule in candidates(snapshot, START)] == [9]


def test_an_answer_is_never_older_than_five_seconds() -> None:
    assert FRESH <= 5
