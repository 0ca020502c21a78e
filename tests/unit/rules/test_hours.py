"""Open or closed, to the second, across midnight and daylight saving."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sidecar.data_proxy.hours import Hours
from tests.business_rules import hours_facts


def week(windows: list[list[str]], **more: Any) -> dict[str, Any]:
    days = [{"weekday": day, "windows": windows} for day in range(7)]
    return {"known": True, "week": days, "exceptions": [], "text": "", **more}


def state(told: dict[str, Any], zone: str, *moment: int) -> tuple[bool, str]:
    now = datetime(*moment, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[misc]
    found = Hours(told, zone, "pt_BR").state(now)
    return found.open, found.reason


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ((2026, 11, 25, 8, 59, 59), (False, "before")),
        ((2026, 11, 25, 9, 0), (True, "open")),
        ((2026, 11, 25, 11, 59, 59), (True, "open")),
        ((2026, 11, 25, 12, 0), (False, "lunch")),
        ((2026, 11, 25, 13, 0), (True, "open")),
        ((2026, 11, 25, 18, 0), (False, "after")),
        ((2026, 11, 29, 10, 0), (False, "closed_day")),
        ((2026, 12, 25, 10, 0), (False, "exception")),
        ((2026, 12, 24, 13, 0), (False, "after")),
    ],
)
def test_boundaries(moment: tuple[int, ...], expected: tuple[bool, str]) -> None:
    assert state(hours_facts(), "America/Sao_Paulo", *moment) == expected


def test_a_night_bar_is_open_after_midnight() -> None:
    told = week([["18:00", "02:00"]])
    assert state(told, "America/Sao_Paulo", 2026, 11, 26, 1, 59, 59) == (True, "open")
    assert state(told, "America/Sao_Paulo", 2026, 11, 26, 2, 0) == (False, "before")


def test_windows_that_meet_at_midnight_are_one_opening() -> None:
    told = week([["00:00", "02:00"], ["18:00", "24:00"]])
    zone = ZoneInfo("America/Sao_Paulo")
    found = Hours(told, str(zone), "pt_BR").state(datetime(2026, 11, 25, 23, 0, tzinfo=zone))
    assert found.until == datetime(2026, 11, 26, 2, 0, tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        (datetime(2026, 3, 8, 13, 59, 59, tzinfo=UTC), False),  # 9:59:59 in summer time
        (datetime(2026, 3, 8, 14, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 7, 14, 59, 59, tzinfo=UTC), False),  # a day before, in winter time
        (datetime(2026, 3, 7, 15, 0, tzinfo=UTC), True),
    ],
)
def test_daylight_saving_moves_the_clock_and_the_shop_with_it(
    moment: datetime, opened: bool
) -> None:
    assert (
        Hours(week([["10:00", "19:00"]]), "America/New_York", "en_US").state(moment).open is opened
    )


@pytest.mark.parametrize(
    ("question", "language", "answer"),
    [
        ("abrem amanhã?", "pt_BR", "Quinta-feira, 26/11: aberto 09:00–12:00 e 13:00–18:00."),
        ("e domingo?", "pt_BR", "Domingo, 29/11: fechado."),
        ("abre dia 24/12?", "pt_BR", "Quinta-feira, 24/12 (Véspera de Natal): aberto 09:00–13:00."),
        ("do you open on saturday?", "en_US", "Saturday, November 28: open 09:00–14:00."),
        ("open tomorrow?", "en_US", "Thursday, November 26: open 09:00–12:00 and 13:00–18:00."),
    ],
)
def test_a_day_is_named(question: str, language: str, answer: str) -> None:
    hours = Hours(hours_facts(), "America/Sao_Paulo", language)
    now = datetime(2026, 11, 25, 13, 30, tzinfo=UTC)
    assert hours.sentences(question, now) == [answer]


def test_today_says_both_and_the_week_is_told_to_whom_asks_for_it() -> None:
    hours = Hours(hours_facts(), "America/Sao_Paulo", "pt_BR")
    now = datetime(2026, 11, 25, 13, 30, tzinfo=UTC)
    assert hours.sentences("até que horas abrem hoje?", now) == [
        "Estamos abertos agora, até 12:00.",
        "Quarta-feira, 25/11: aberto 09:00–12:00 e 13:00–18:00.",
    ]
    assert hours.sentences("qual o horário?", now)[1] == hours_facts()["text"]


def test_nobody_guesses_hours_that_nobody_has_said() -> None:
    nothing = {"known": False, "week": [], "exceptions": [], "text": ""}
    hours = Hours(nothing, "America/Sao_Paulo", "pt_BR")
    assert hours.sentences("estão abertos?", datetime(2026, 11, 25, tzinfo=UTC)) == []
