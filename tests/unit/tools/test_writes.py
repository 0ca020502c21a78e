"""Nothing is written without a preview, a token, and the customer's own later yes."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from sidecar.tools.confirmation import CLAIM
from sidecar.tools.context import ToolContext
from tests.doubles.odoo import OdooDouble, _Died
from tests.tools_house import ToolsHouse, call

LINES = [{"product_id": 5, "quantity": 2}]
WRITES: dict[str, dict[str, Any]] = {
    "quotation_create": {"lines": LINES},
    "quotation_add_line": {"order": "S00072", "lines": LINES},
    "order_reorder": {"order": "S00071"},
    "calendar_book": {"service": "Montagem", "start": "2026-11-27T09:00"},
    "calendar_move": {"booking_id": 61, "start": "2026-11-27T10:00"},
    "calendar_cancel": {"booking_id": 61},
}
METHODS = {
    "quotation_create": "quotation_create",
    "quotation_add_line": "quotation_add_lines",
    "order_reorder": "reorder",
    "calendar_book": "book",
    "calendar_move": "move_booking",
    "calendar_cancel": "cancel_booking",
}


def previewed(context: ToolContext, tool: str, **changes: Any) -> dict[str, Any]:
    told = call(context, tool, **(WRITES[tool] | changes))
    assert "confirmation" in told, told
    return told


def confirmed(context: ToolContext, tool: str, token: str, **changes: Any) -> dict[str, Any]:
    return call(context, tool, **(WRITES[tool] | changes), confirmation=token)


@pytest.mark.parametrize("tool", WRITES)
def test_a_yes_in_the_next_turn_writes_once(house: ToolsHouse, odoo: OdooDouble, tool: str) -> None:
    token = previewed(house.turn("quero"), tool)["confirmation"]
    assert odoo.written == []
    words = "pode cancelar" if tool == "calendar_cancel" else "sim, por favor"
    context = house.turn(words)
    told = confirmed(context, tool, token)
    assert "error" not in told, told
    ((method, who),) = odoo.written
    assert method == METHODS[tool]
    assert who == {
        "name": "Bia Moraes",
        "channel": "WhatsApp",
        "conversation": "7-1",
        "proof": "channel",
    }
    again = confirmed(context, tool, token)
    assert again["code"] == "confirmation"
    assert len(odoo.written) == 1


@pytest.mark.parametrize("tool", WRITES)
def test_a_tool_that_is_switched_off_does_not_even_preview(
    settings: Any, odoo: OdooDouble, tool: str
) -> None:
    house = ToolsHouse(settings, odoo, changes={"tools": {}})
    told = call(house.turn(), tool, **WRITES[tool])
    assert told["code"] == "not_allowed"
    assert odoo.calls == []


@pytest.mark.parametrize("tool", WRITES)
def test_a_stranger_writes_nothing(house: ToolsHouse, odoo: OdooDouble, tool: str) -> None:
    house.phone = ""
    assert call(house.turn(), tool, **WRITES[tool])["code"] == "identify_first"
    assert odoo.written == []


def test_the_preview_says_what_will_be_done(house: ToolsHouse) -> None:
    told = previewed(house.turn(), "quotation_create")["preview"]
    assert told["customer"] == "Bia Moraes"
    assert told["lines"][0]["quantity"] == 2.0
    assert told["total"]["text"] == "R$ 5.580,00"
    moved = previewed(house.turn(), "calendar_move")["preview"]
    assert moved["before"] == "segunda-feira, 30/11/2026, 10:00"
    assert moved["start"] == "sexta-feira, 27/11/2026, 10:00"


def test_the_quotation_holds_what_was_shown(house: ToolsHouse, odoo: OdooDouble) -> None:
    token = previewed(house.turn(), "quotation_create")["confirmation"]
    told = confirmed(house.turn("confirmo"), "quotation_create", token)["quotation"]
    assert told["total"]["value"] == 5580.0
    assert odoo.orders[0]["name"] == told["order"]
    assert odoo.orders[0]["state"] == "quotation"


def test_a_variant_is_asked_for_before_anything_is_shown(
    house: ToolsHouse, odoo: OdooDouble
) -> None:
    odoo.details[5] = {"variants": [{"id": 9, "name": "Azul"}, {"id": 10, "name": "Cinza"}]}
    told = call(house.turn(), "quotation_create", lines=LINES)
    assert told["code"] == "invalid_arguments"
    assert told["error"].endswith("give its variant_id: 9 = Azul; 10 = Cinza.")
    named = [{**LINES[0], "variant_id": 9}]
    assert "confirmation" in call(house.turn(), "quotation_create", lines=named)


def test_the_same_turn_does_not_count(house: ToolsHouse, odoo: OdooDouble) -> None:
    context = house.turn("sim, confirmo, pode fazer")
    token = previewed(context, "quotation_create")["confirmation"]
    told = confirmed(context, "quotation_create", token)
    assert told["code"] == "confirmation"
    assert "has not seen the preview" in told["error"]
    assert odoo.written == []


def test_a_turn_begun_again_is_the_same_turn(house: ToolsHouse, odoo: OdooDouble) -> None:
    """More was said while it was answered: another turn id, the same first letter."""
    first = house.turn("quero dois, sim", said_at=house.now + 10)
    token = previewed(first, "quotation_create")["confirmation"]
    again = house.turn("quero dois, sim\nsim", said_at=first.said_at)
    told = confirmed(again, "quotation_create", token)
    assert "has not seen the preview" in told["error"]
    assert again.pending is None
    assert odoo.written == []


@pytest.mark.parametrize("words", ["sim, mas em azul", "quanto fica o frete?", "", "talvez"])
def test_other_words_are_no_yes(house: ToolsHouse, odoo: OdooDouble, words: str) -> None:
    token = previewed(house.turn(), "quotation_create")["confirmation"]
    told = confirmed(house.turn(words), "quotation_create", token)
    assert "do not clearly agree" in told["error"]
    assert odoo.written == []


@pytest.mark.parametrize("by", ["another turn", "the same turn"])
def test_a_preview_that_was_not_shown_is_no_question(
    house: ToolsHouse, odoo: OdooDouble, by: str
) -> None:
    made = house.turn("quero")
    token = previewed(made, "quotation_create")["confirmation"]
    ended = made.turn if by == "the same turn" else "turn-composed-anew"
    made.confirmations.settle(made.conversation, ended, shown=by == "another turn")
    context = house.turn("sim")
    assert context.pending is None
    assert confirmed(context, "quotation_create", token)["code"] == "confirmation"
    assert odoo.written == []


def test_what_was_shown_waits_through_another_turn(house: ToolsHouse, odoo: OdooDouble) -> None:
    made = house.turn("quero")
    token = previewed(made, "quotation_create")["confirmation"]
    made.confirmations.settle(made.conversation, made.turn, shown=True)
    made.confirmations.settle(made.conversation, "turn-about-hours", shown=False)
    assert "error" not in confirmed(house.turn("sim"), "quotation_create", token)


def test_what_was_said_before_it_was_shown_is_no_yes(house: ToolsHouse, odoo: OdooDouble) -> None:
    made = house.turn("quero")
    token = previewed(made, "quotation_create")["confirmation"]
    crossed = house.now + 5
    house.now += 10
    made.confirmations.settle(made.conversation, made.turn, shown=True)
    context = house.turn("sim", said_at=crossed)
    assert context.pending is None
    assert confirmed(context, "quotation_create", token)["code"] == "confirmation"
    assert odoo.written == []


def test_a_no_ends_it(house: ToolsHouse, odoo: OdooDouble) -> None:
    token = previewed(house.turn(), "quotation_create")["confirmation"]
    assert "did not agree" in confirmed(house.turn("não"), "quotation_create", token)["error"]
    assert (
        "no such preview" in confirmed(house.turn("confirmo"), "quotation_create", token)["error"]
    )
    assert odoo.written == []


def test_a_bare_yes_only_answers_the_turn_before(house: ToolsHouse, odoo: OdooDouble) -> None:
    token = previewed(house.turn(), "quotation_create")["confirmation"]
    house.turn("qual o prazo?")  # answered without a tool
    told = confirmed(house.turn("sim"), "quotation_create", token)
    assert "too late" in told["error"]
    assert odoo.written == []
    assert "quotation" in confirmed(house.turn("pode confirmar"), "quotation_create", token)


def test_yes_means_the_newest_preview(house: ToolsHouse, odoo: OdooDouble) -> None:
    old = previewed(house.turn(), "quotation_create")["confirmation"]
    new = previewed(house.turn("três então"), "order_reorder")["confirmation"]
    context = house.turn("sim")
    assert "no such preview" in confirmed(context, "quotation_create", old)["error"]
    assert "quotation" in confirmed(context, "order_reorder", new)


def test_the_next_turn_is_told_what_waits(house: ToolsHouse) -> None:
    context = house.turn()
    assert context.pending is None
    token = previewed(context, "quotation_create")["confirmation"]
    waiting = house.turn("sim").pending
    assert waiting is not None
    assert (waiting.tool, waiting.confirmation) == ("quotation_create", token)
    assert waiting.preview["total"]["value"] == 5580.0
    done = call(house.turn("confirmo"), waiting.tool, **waiting.arguments, confirmation=token)
    assert "quotation" in done
    assert house.turn("obrigado").pending is None


def test_a_preview_ends_after_ten_minutes(house: ToolsHouse, odoo: OdooDouble) -> None:
    token = previewed(house.turn(), "quotation_create")["confirmation"]
    (key,) = house.store.keys("account_1:confirm:*")
    assert 0 < house.store.ttl(key) <= 600
    house.store.expire(key, 0)
    assert confirmed(house.turn("sim"), "quotation_create", token)["code"] == "confirmation"
    assert odoo.written == []


OTHERS: dict[str, Callable[[ToolsHouse, str], dict[str, Any]]] = {
    "another payload": lambda house, token: confirmed(
        house.turn("sim"), "quotation_create", token, lines=[{"product_id": 5, "quantity": 9}]
    ),
    "another tool": lambda house, token: confirmed(house.turn("sim"), "order_reorder", token),
    "another customer": lambda house, token: confirmed(
        house.turn("sim", phone="+5511900000008"), "quotation_create", token
    ),
    "another conversation": lambda house, token: confirmed(
        house.turn("sim", conversation="7-2"), "quotation_create", token
    ),
    "an MCP client": lambda house, token: confirmed(
        house.key(partner_id=7, write=True), "quotation_create", token
    ),
    "a guess": lambda house, token: confirmed(house.turn("sim"), "quotation_create", "x" * 22),
}


@pytest.mark.parametrize("whose", OTHERS)
def test_a_token_is_bound_to_what_it_was_given_for(
    house: ToolsHouse, odoo: OdooDouble, whose: str
) -> None:
    token = previewed(house.turn(), "quotation_create")["confirmation"]
    told = OTHERS[whose](house, token)
    assert told["code"] == "confirmation", told
    assert odoo.written == []


def test_a_token_of_another_tenant_is_unknown(
    house: ToolsHouse, odoo: OdooDouble, settings: Any
) -> None:
    state = odoo.add_tenant(
        "account_2", "second-key", products=odoo.products, partners=odoo.partners
    )
    other = ToolsHouse(settings, odoo, state)
    token = previewed(house.turn(), "quotation_create")["confirmation"]
    other.now = house.now
    told = confirmed(other.turn("sim"), "quotation_create", token)
    assert "no such preview" in told["error"]
    assert state.written == []
    assert "quotation" in confirmed(house.turn("sim"), "quotation_create", token)


def test_an_mcp_client_confirms_at_once_and_only_for_its_own_key(
    house: ToolsHouse, odoo: OdooDouble
) -> None:
    context = house.key(partner_id=7, write=True)
    token = previewed(context, "quotation_create")["confirmation"]
    other = house.key(partner_id=7, write=True, id=4)
    assert "something else" in confirmed(other, "quotation_create", token)["error"]
    assert "quotation" in confirmed(context, "quotation_create", token)
    assert [who["proof"] for _method, who in odoo.written] == ["key"]


def test_two_at_once_write_once(house: ToolsHouse, odoo: OdooDouble) -> None:
    token = previewed(house.turn(), "quotation_create")["confirmation"]
    contexts = [house.turn("sim", turn="t", said_at=house.now + 60) for _ in range(1)]
    contexts += [house.turn("sim", turn="t", said_at=contexts[0].said_at) for _ in range(4)]
    told: list[dict[str, Any]] = []
    threads = [
        threading.Thread(
            target=lambda c=context: told.append(confirmed(c, "quotation_create", token))
        )
        for context in contexts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("quotation" in one for one in told) == 1
    assert len(odoo.written) == 1


def test_a_lost_answer_is_tried_again_and_writes_nothing_twice(
    house: ToolsHouse, odoo: OdooDouble
) -> None:
    book = odoo._book

    def book_and_vanish(**arguments: Any) -> None:
        book(**arguments)
        raise _Died

    token = previewed(house.turn(), "calendar_book")["confirmation"]
    context = house.turn("sim")
    odoo._book = book_and_vanish  # type: ignore[method-assign]
    told = confirmed(context, "calendar_book", token)
    assert told["code"] == "unavailable", told
    assert len(odoo.written) == 1  # it was written, nobody heard
    odoo._book = book  # type: ignore[method-assign]
    told = confirmed(context, "calendar_book", token)
    assert told["booking"]["start"] == "sexta-feira, 27/11/2026, 09:00"
    assert len(odoo.written) == 1
    assert len([b for b in odoo.bookings if b["rule_id"] == 4 and b["partner_id"] == 7]) == 2


def test_a_worker_that_died_leaves_its_claim_for_a_while(
    house: ToolsHouse, odoo: OdooDouble
) -> None:
    token = previewed(house.turn(), "quotation_create")["confirmation"]
    context = house.turn("sim")
    (key,) = house.store.keys("account_1:confirm:*")
    house.store.hset(key, "claimed", repr(house.now))
    assert "right now" in confirmed(context, "quotation_create", token)["error"]
    house.now += CLAIM + 1
    assert "quotation" in confirmed(context, "quotation_create", token)


def test_what_the_shop_refuses_needs_a_new_preview(house: ToolsHouse, odoo: OdooDouble) -> None:
    token = previewed(house.turn(), "calendar_book")["confirmation"]
    odoo.slots.clear()
    context = house.turn("sim")
    told = confirmed(context, "calendar_book", token)
    assert (told["code"], told["error"]) == ("refused", "That time is not free any more.")
    assert "no such preview" in confirmed(context, "calendar_book", token)["error"]


def test_a_time_that_is_not_free_is_answered_with_free_ones(house: ToolsHouse) -> None:
    told = call(house.turn(), "calendar_book", service="Montagem", start="2026-11-27T20:00")
    assert "Free on that day: 09:00, 10:00, 11:00." in told["error"]
    wrong = call(house.turn(), "calendar_book", service="Montagem", start="amanhã cedo")
    assert wrong["code"] == "invalid_arguments"


def test_only_a_draft_is_added_to(house: ToolsHouse) -> None:
    told = call(house.turn(), "quotation_add_line", order="S00071", lines=LINES)
    assert "no draft quotation" in told["error"]


def test_upkeep_of_the_index_by_a_job(house: ToolsHouse, odoo: OdooDouble) -> None:
    indexed: list[list[int]] = []

    def reindex(ids: list[int]) -> dict[str, Any]:
        indexed.append(ids)
        return {"upserted": len(ids), "points": {"5": "uuid"}}

    context = house.job(reindex=reindex)
    token = call(context, "vector_db", product_ids=[5, 6])["confirmation"]
    assert indexed == []
    told = call(context, "vector_db", product_ids=[5, 6], confirmation=token)
    assert (told, indexed) == ({"counts": {"upserted": 2}}, [[5, 6]])
    rows = [{"product_id": 5, "state": "synced"}]
    token = call(context, "odoo_sync", rows=rows)["confirmation"]
    call(context, "odoo_sync", rows=rows, confirmation=token)
    assert odoo.sync_states == rows
    assert call(context, "odoo_sync", rows=[{"product_id": 999, "state": "synced"}])["code"] == (
        "not_found"
    )
    assert call(house.job(), "vector_db", product_ids=[5])["code"] == "unsupported"
