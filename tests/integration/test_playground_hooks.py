"""The playground's webhooks: signed, retried, duplicated and turned around as Chatwoot does."""

import time

import pytest

from sidecar.chatwoot.signature import verify
from sidecar.chatwoot.verdict import Act, verdict
from sidecar.playground.delivery import DeliveryPolicy
from tests.doubles.playground import HookReceiver, RunningPlayground, wait_until


@pytest.fixture
def hook():
    with HookReceiver() as receiver:
        yield receiver


@pytest.fixture
def playground(tmp_path):
    with RunningPlayground(tmp_path / "p") as running:
        yield running


def say(playground, content="Oi", **more):
    start = {"inbox_id": 1, "name": "Ana", "phone": "+5511987654321", "content": content}
    return playground.act("POST", "conversations", start | more)


def posted_events(playground):
    return [line for line in playground.act("GET", "log") if line["kind"] == "webhook"]


def test_a_message_reaches_the_bot_signed_with_its_own_secret(playground, hook):
    bot = playground.enroll_bot(hook.url)
    say(playground, "vocês têm <sofá> & mesa?")
    wait_until(lambda: hook.received)
    headers, raw = hook.received[0]
    assert verify(raw, headers, bot["secret"], time.time())
    assert not verify(raw, headers, bot["access_token"], time.time())
    assert b"\\u003csof\xc3\xa1\\u003e \\u0026 mesa" in raw
    event = hook.events[0]
    assert (event.event, event.account_id, event.inbox_id) == ("message_created", 1, 1)
    assert event.text == "vocês têm <sofá> & mesa?"
    assert event.contact.source_id == "5511987654321"
    assert verdict(event) == Act()


@pytest.mark.parametrize("status", [429, 500])
def test_a_bot_hook_is_retried_with_the_same_body_and_delivery_id(playground, hook, status):
    playground.enroll_bot(hook.url)
    hook.statuses = [status, status, 200]
    say(playground)
    wait_until(lambda: len(hook.received) == 3)
    assert len({raw for _, raw in hook.received}) == 1
    assert len({headers["X-Chatwoot-Delivery"] for headers, _ in hook.received}) == 1
    wait_until(lambda: len(posted_events(playground)) == 3)
    assert playground.act("GET", "conversations/1/1")["status"] == "pending"


@pytest.mark.parametrize(
    ("statuses", "attempts"), [([500, 500, 500], 3), ([503], 1), ([404], 1), ([302], 1)]
)
def test_a_bot_that_fails_for_good_hands_the_conversation_to_people(
    playground, hook, statuses, attempts
):
    playground.enroll_bot(hook.url)
    hook.statuses = list(statuses)
    say(playground)

    def opened():
        state = playground.act("GET", "conversations/1/1")
        return state if state["status"] == "open" else None

    state = wait_until(opened)
    assert [m["message_type"] for m in state["messages"]] == [0, 2]
    assert "error with the agent bot" in state["messages"][1]["content"]
    assert len(hook.of("message_created")) == attempts


def test_a_bot_that_is_not_there_fails_at_once(playground, hook):
    with HookReceiver() as gone:
        dead = gone.url
    playground.enroll_bot(dead)
    say(playground)
    wait_until(lambda: playground.act("GET", "conversations/1/1")["status"] == "open")
    failed = next(line for line in posted_events(playground) if "message_created" in line["text"])
    assert failed["status"] == 0


def test_an_account_hook_is_never_repeated_and_gets_what_it_subscribed_to(playground, hook):
    wanted = {"webhook": {"url": hook.url, "subscriptions": ["message_created"]}}
    made = playground.api("POST", "1/webhooks", wanted).json()
    hook.statuses = [500]
    say(playground)
    line = wait_until(lambda: posted_events(playground))[0]
    assert line["status"] == 500
    playground.act("POST", "conversations/1/1/actions", {"action": "resolve"})
    say(playground, "de novo", new=True)
    wait_until(lambda: len(hook.received) == 2)
    assert {e.event for e in hook.events} == {"message_created"}
    assert verify(hook.received[1][1], hook.received[1][0], made["secret"], time.time())


def test_one_message_through_two_hooks_has_one_dedupe_key_and_two_delivery_ids(playground, hook):
    playground.enroll_bot(hook.url)
    subscription = {"url": hook.url, "subscriptions": ["message_created"]}
    playground.api("POST", "1/webhooks", {"webhook": subscription})
    say(playground)
    wait_until(lambda: len(hook.received) == 2)
    assert len({e.dedupe_key for e in hook.events}) == 1
    assert len({headers["X-Chatwoot-Delivery"] for headers, _ in hook.received}) == 2


def test_duplicates_and_reordering_on_demand(playground, hook):
    playground.enroll_bot(hook.url)
    playground.act("POST", "failures", {"duplicates": 1})
    say(playground, "um")
    wait_until(lambda: len(hook.of("message_created")) == 2)
    assert len({headers["X-Chatwoot-Delivery"] for headers, _ in hook.received}) == 2
    hook.received.clear()
    playground.act("POST", "failures", {"reorder": 2})
    for content in ("dois", "três"):
        playground.act("POST", "conversations/1/1/messages", {"content": content})
    wait_until(lambda: len(hook.received) == 2)
    assert [e.text for e in hook.events] == ["três", "dois"]


def test_the_echo_of_the_bots_own_post_is_told_and_ignored(playground, hook):
    bot = playground.enroll_bot(hook.url)
    say(playground)
    playground.client(bot).post_message(1, "Olá", content_attributes={"chatwootai_turn": "t1"})
    wait_until(lambda: len(hook.of("message_created")) == 2)
    echo = next(e for e in hook.of("message_created") if e.message_type == "outgoing")
    assert verdict(echo).reason == "bot_echo"
    assert echo.turn == "t1"


def test_taking_over_and_handing_back_are_told(playground, hook):
    playground.enroll_bot(hook.url)
    say(playground)
    for action in ("take_over", "hand_back", "resolve"):
        playground.act("POST", "conversations/1/1/actions", {"action": action})
    wait_until(lambda: hook.of("conversation_resolved"))
    changed = wait_until(lambda: len(hook.of("conversation_status_changed")) == 3 and hook)
    assert [e.status for e in changed.of("conversation_status_changed")].count("pending") == 1
    taken = next(e for e in hook.events if e.status == "open")
    assert taken.assignee_kind == "human"
    assert not hook.of("conversation_created")  # bots never get it
    say(playground, "voltei", new=False)
    playground.act("POST", "conversations/1/1/messages", {"content": "ainda aí?"})
    wait_until(lambda: any(e.text == "ainda aí?" for e in hook.events))
    reopened = next(e for e in hook.events if e.text == "ainda aí?")
    assert verdict(reopened) == Act()


def test_delivery_states_are_told_as_message_updated(playground, hook):
    bot = playground.enroll_bot(hook.url)
    say(playground)
    playground.client(bot).post_message(1, "Olá")
    playground.act("POST", "conversations/1/1/seen", {"read": False})
    playground.act("POST", "conversations/1/1/seen", {"read": True})
    wait_until(lambda: len(hook.of("message_updated")) == 2)
    assert playground.act("GET", "conversations/1/1")["messages"][-1]["status"] == "read"


def test_queued_webhooks_and_conversations_survive_a_restart(tmp_path, hook):
    slow = DeliveryPolicy(timeout=1.0, wait=0.6)
    with RunningPlayground(tmp_path / "p", slow) as first:
        bot = first.enroll_bot(hook.url)
        hook.statuses = [500]
        say(first, "não me perca")
        wait_until(lambda: posted_events(first))
    assert len(hook.received) == 1
    with RunningPlayground(tmp_path / "p") as second:
        wait_until(lambda: len(hook.received) == 2)
        assert hook.received[0][1] == hook.received[1][1]
        state = second.act("GET", "conversations/1/1")
        assert state["messages"][0]["content"] == "não me perca"
        assert second.client(bot).conversation(1).status == "pending"
