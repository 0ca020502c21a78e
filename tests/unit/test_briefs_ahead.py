"""The briefs of a bulk job: several read by one call, none too old, none lost with another."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from sidecar.data_proxy.briefs import BriefsAhead
from sidecar.erp.methods import Call
from sidecar.errors import SidecarError, Unavailable, Unprocessable


@dataclass
class Told:
    value: Any


@dataclass
class Proxy:
    """Stands for the data proxy and the ERP behind it. fails: ids that no call may name."""

    fails: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    asked: list[list[int]] = field(default_factory=list)

    @property
    def house(self) -> "Proxy":
        return self

    def read(self, call: Call, fresh: bool) -> Told:
        assert fresh
        ids = call.arguments["product_ids"]
        self.asked.append(ids)
        if self.fails & set(ids):
            raise Unavailable("Odoo is away.")
        return Told([self._answer(one, call.arguments["lang"]) for one in ids])

    def _answer(self, product_id: int, language: str) -> dict[str, Any] | SidecarError:
        if product_id in self.refused:
            return Unprocessable("The tenant has no such product.")
        return {"product_id": product_id, "language": language, "call": len(self.asked)}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def read(briefs: BriefsAhead, proxy: Proxy, product_id: int, language: str = "pt_BR") -> Any:
    return briefs.read(proxy, product_id, language)  # type: ignore[arg-type]


def texts(*product_ids: int) -> list[tuple[int, str]]:
    return [(one, "pt_BR") for one in product_ids]


def test_the_next_ten_are_read_together_and_each_is_given_once() -> None:
    proxy, briefs = Proxy(), BriefsAhead(texts(*range(1, 15)), Clock())
    assert [read(briefs, proxy, one)["product_id"] for one in range(1, 15)] == list(range(1, 15))
    assert proxy.asked == [list(range(1, 11)), list(range(11, 15))]
    assert read(briefs, proxy, 3)["call"] == 3  # asked for again: it may have changed meanwhile


def test_what_waited_too_long_is_read_again_with_those_that_follow() -> None:
    clock, proxy = Clock(), Proxy()
    briefs = BriefsAhead(texts(1, 2, 3, 4), clock)
    assert read(briefs, proxy, 1)["call"] == 1
    clock.now = 9.0
    assert read(briefs, proxy, 2)["call"] == 1
    clock.now = 11.0
    assert read(briefs, proxy, 3)["call"] == 2
    assert read(briefs, proxy, 4)["call"] == 2
    assert proxy.asked == [[1, 2, 3, 4], [3, 4]]


def test_a_language_is_a_call_of_its_own() -> None:
    proxy = Proxy()
    briefs = BriefsAhead([(1, "pt_BR"), (1, "es_ES"), (2, "pt_BR"), (2, "es_ES")], Clock())
    assert read(briefs, proxy, 1)["language"] == "pt_BR"
    assert read(briefs, proxy, 1, "es_ES")["language"] == "es_ES"
    assert proxy.asked == [[1, 2], [1, 2]]


def test_a_refused_product_costs_no_other_its_brief() -> None:
    proxy, briefs = Proxy(refused={2}), BriefsAhead(texts(1, 2, 3), Clock())
    assert read(briefs, proxy, 1)["product_id"] == 1
    with pytest.raises(Unprocessable):
        read(briefs, proxy, 2)
    assert read(briefs, proxy, 3)["product_id"] == 3
    assert proxy.asked == [[1, 2, 3]]


def test_where_a_call_for_several_fails_each_is_asked_by_itself() -> None:
    proxy, briefs = Proxy(fails={2}), BriefsAhead(texts(1, 2, 3), Clock())

    assert read(briefs, proxy, 1)["product_id"] == 1
    with pytest.raises(Unavailable):
        read(briefs, proxy, 2)
    assert read(briefs, proxy, 3)["product_id"] == 3
    assert proxy.asked == [[1, 2, 3], [1], [2], [3]]
