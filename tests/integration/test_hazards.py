"""The 30 hazards of Chatwoot's contract, each through our real door or our real client.

`@hazard(n)` names what a test is about; the last test fails when one of the 30 has none.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from sidecar.app import create_app
from sidecar.chatwoot.downloads import Downloads
from sidecar.chatwoot.signature import sign
from sidecar.chatwoot.verdict import Ignore, still_ours
from sidecar.errors import TooManyRequests, Unprocessable
from sidecar.outbound.session import Outbound, Response
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.documents import TOKEN, tenant_document
from tests.doubles.playground import HookReceiver, RunningPlayground, wait_until
from tests.unit.chatwoot.bodies import AGENT, BOT, IMAGE, conversation, message, outgoing

COVERED: set[int] = set()
ACCOUNT, INBOX, DISPLAY = 3, 8, 17  # of the example body
SECRET = "hook-secret"
KEY = f"7-{DISPLAY}"


def hazard(*numbers: int) -> Callable[[Any], Any]:
    COVERED.update(numbers)
    return lambda test: test


@dataclass
class Door:
    """Our door, and a Chatwoot's hand on it."""

    client: FlaskClient
    web: WebState

    def send(self, body: Any, token: str = TOKEN, **headers: str) -> Any:
        """Deliver a body signed as Chatwoot signs it; `headers` replace its own."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = sign(raw, SECRET, int(time.time())) | headers
        given = {name: value for name, value in signed.items() if value}
        return self.client.post(f"/webhook/chatwoot/{token}", data=raw, headers=given)

    def told(self, body: Any) -> dict[str, Any]:
        answer = self.send(body)
        assert answer.status_code == 200, answer.text
        return answer.json["data"]

    @property
    def letters(self) -> list[Any]:
        return self.web.mailbox.letters("account_1", KEY)

    @property
    def silence(self) -> str | None:
        return self.web.store.hget(keys.silence("account_1", KEY), "reason")


@pytest.fixture
def door(settings: Settings) -> Door:
    app = create_app(settings.model_copy(update={"max_body_bytes": 20_000}))
    web = app.extensions["sidecar"]
    document = tenant_document()
    channel = document["integrations"]["chatwoot"]["channels"][0]
    channel.update(account_id=ACCOUNT, inbox_id=INBOX)
    web.tenants.apply(document)
    web.credentials.replace("account_1", {"hook_secret": SECRET})
    return Door(app.test_client(), web)


@pytest.fixture
def playground(tmp_path: Any) -> Iterator[tuple[RunningPlayground, dict[str, Any]]]:
    with RunningPlayground(tmp_path / "p") as running, HookReceiver() as receiver:
        bot = running.enroll_bot(receiver.url)
        person = {"name": "Ana", "phone": "+5511987654321", "content": "Oi"}
        running.act("POST", "conversations", {"inbox_id": 1} | person)
        yield running, bot


def test_the_customer_speaking_is_kept(door: Door) -> None:
    assert door.told(message()) == {"stored": True}
    assert [letter.message_id for letter in door.letters] == [7001]


@hazard(1)
def test_our_own_echo_is_nothing(door: Door) -> None:
    marked = {"content_attributes": {"chatwootai_turn": "t-1"}, "sender": None}
    assert door.told(outgoing()) == {"ignored": "bot_echo"}
    assert door.told(outgoing(**marked)) == {"ignored": "bot_echo"}
    assert door.silence is None


@hazard(2)
def test_a_person_who_writes_silences_the_bot(door: Door) -> None:
    assert door.told(outgoing(sender=AGENT)) == {"ignored": "human_reply"}
    assert door.silence == "human_reply"


@hazard(3)
def test_a_private_note_is_nothing(door: Door) -> None:
    assert door.told(outgoing(sender=AGENT, private=True)) == {"ignored": "private_note"}
    assert door.silence is None


@hazard(4, 7)
@pytest.mark.parametrize("kind", ["template", "activity"])
def test_what_chatwoot_says_by_itself_is_nothing(door: Door, kind: str) -> None:
    assert door.told(message(message_type=kind, sender=None)) == {"ignored": kind}
    assert door.silence is None


@hazard(5)
def test_a_campaign_is_nobody_taking_over(door: Door) -> None:
    sent = outgoing(sender=AGENT, additional_attributes={"campaign_id": 12})
    assert door.told(sent) == {"ignored": "campaign"}
    assert door.silence is None


@hazard(6)
def test_a_person_who_replies_from_the_phone_silences_the_bot(door: Door) -> None:
    echo = outgoing(sender=None, content_attributes={"external_echo": True})
    assert door.told(echo) == {"ignored": "human_from_phone"}
    assert door.silence == "human_from_phone"


@hazard(8)
def test_the_same_message_with_another_delivery_id_is_one(door: Door) -> None:
    assert door.told(message()) == {"stored": True}
    again = door.send(message(), **{"X-Chatwoot-Delivery": "another"})
    assert again.json["data"] == {"stored": False}
    assert len(door.letters) == 1


@hazard(9, 10)
def test_account_hook_and_two_bots_bring_one_message(door: Door) -> None:
    owned = {"meta": {"assignee": BOT, "assignee_type": "AgentBot"}}
    rendered_later = {"updated_at": 1785664999.0, "unread_count": 2}
    assert door.told(message()) == {"stored": True}
    assert door.told(message(conversation=rendered_later)) == {"stored": False}
    assert door.told(message(conversation=owned)) == {"stored": False}
    # an account hook renders when it is sent: by then the customer may have edited
    assert door.told(message(content="editada")) == {"stored": False}
    assert len(door.letters) == 1


@hazard(11)
def test_a_burst_is_four_letters_and_one_due_conversation(door: Door) -> None:
    for number in range(4):
        assert door.told(message(id=7001 + number, content="oi")) == {"stored": True}
    assert len(door.letters) == 4
    assert door.web.store.zcard(keys.due("conversations")) == 1


@hazard(12)
def test_edits_deletions_and_transcripts_change_what_waits_and_nothing_else(door: Door) -> None:
    door.told(message())
    edited = message(event="message_updated", content="têm bolo?")
    assert door.told(edited) == {"stored": True}
    assert door.told(edited) == {"ignored": "message_updated"}  # a duplicate
    assert [letter.content for letter in door.letters] == ["têm bolo?"]
    gone = message(event="message_updated", content_attributes={"deleted": True})
    assert door.told(gone) == {"stored": True}
    assert door.letters[0].deleted
    answered = message(event="message_updated", id=6999, content="outra")
    assert door.told(answered) == {"ignored": "message_updated"}
    assert len(door.letters) == 1


@hazard(13)
def test_the_answer_to_a_list_is_the_customers_word(door: Door) -> None:
    attributes = {"items": [], "submitted_values": [{"title": "Norte", "value": "n"}]}
    chosen = outgoing(
        event="message_updated", content_type="input_select", content_attributes=attributes
    )
    assert door.told(chosen) == {"stored": True}
    assert door.letters[0].content == "Norte"
    assert door.silence is None


@hazard(14)
def test_a_picture_without_words_is_a_letter_with_an_attachment(door: Door) -> None:
    assert door.told(message(content=None, attachments=[IMAGE])) == {"stored": True}
    (letter,) = door.letters
    assert letter.content == ""
    assert [file.file_type for file in letter.attachments] == ["image"]
    assert door.told(message(id=7002, content=None)) == {"ignored": "empty"}


@hazard(15)
def test_a_file_that_is_not_there_yet_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [404, 404, 200]
    monkeypatch.setattr(
        Outbound, "send", lambda *_a, **_k: Response(answers.pop(0), {"Content-Type": "x/y"}, b"1")
    )
    assert Downloads(1, [], 10, lambda _s: None).fetch("https://files.example/a") == (b"1", "x/y")
    assert answers == []


@hazard(16)
def test_a_closed_window_is_not_written_into(door: Door) -> None:
    assert door.told(message(conversation={"can_reply": False})) == {"ignored": "cannot_reply"}


@hazard(17)
@pytest.mark.parametrize("status", ["open", "resolved", "snoozed", "of-a-later-version"])
def test_only_pending_conversations_are_the_bots(door: Door, status: str) -> None:
    assert door.told(message(conversation={"status": status})) == {"ignored": "not_pending"}


@hazard(18)
def test_a_stale_body_is_kept_and_the_truth_stops_the_post(
    playground: tuple[RunningPlayground, dict[str, Any]],
) -> None:
    running, bot = playground
    running.act("POST", "conversations/1/1/actions", {"action": "take_over"})
    assert still_ours(running.client(bot).conversation(1)) == Ignore("human_assigned")


@hazard(19)
def test_a_conversation_event_of_an_old_server_names_no_account(door: Door) -> None:
    taken = conversation("conversation_updated", meta={"assignee": AGENT}, status="open")
    del taken["account"]
    assert door.told(taken) == {"ignored": "not_a_message"}
    assert door.silence == "human_assigned"


@hazard(20)
def test_an_event_of_another_account_is_refused(door: Door) -> None:
    foreign = message(account={"id": 4, "name": "Outra"})
    assert door.send(foreign).status_code == 403
    assert door.letters == []


@hazard(21)
def test_what_is_not_signed_is_refused_unless_the_channel_says_so(door: Door) -> None:
    unsigned = {"X-Chatwoot-Signature": "", "X-Chatwoot-Timestamp": ""}
    assert door.send(message(), **unsigned).status_code == 401
    document = tenant_document(version=2)
    channel = document["integrations"]["chatwoot"]["channels"][0]
    channel.update(account_id=ACCOUNT, inbox_id=INBOX, signature="none")
    door.web.tenants.apply(document)
    assert door.send(message(), **unsigned).json["data"] == {"stored": True}
    assert door.send(message(), token="x" * 43, **unsigned).status_code == 401


@hazard(22)
@pytest.mark.parametrize("stamp", ["", "soon", "-5", "١٧٨٥٦٦٤٨٠٠", "1700000000"])
def test_a_bad_or_old_timestamp_is_refused(door: Door, stamp: str) -> None:
    raw = json.dumps(message()).encode()
    signature = sign(raw, SECRET, int(time.time()))["X-Chatwoot-Signature"]
    if stamp.isascii() and stamp.isdecimal():
        signature = sign(raw, SECRET, int(stamp))["X-Chatwoot-Signature"]
    given = {"X-Chatwoot-Timestamp": stamp.encode().decode("latin-1")}
    answer = door.send(raw, **given, **{"X-Chatwoot-Signature": signature})
    assert answer.status_code == 401
    assert door.letters == []


@hazard(23)
def test_a_body_beyond_the_limit_is_refused(door: Door) -> None:
    assert door.send(message(content="a" * 30_000)).status_code == 413


@hazard(24)
def test_groups_are_left_alone(door: Door) -> None:
    group = {"contact_inbox": {"id": 1, "contact_id": 45, "source_id": "12036300@g.us"}}
    assert door.told(message(conversation=group)) == {"ignored": "group"}


@hazard(25)
def test_a_blocked_contact_is_left_alone_and_a_merged_one_is_known_by_the_newer_id(
    door: Door,
) -> None:
    blocked = message()
    blocked["sender"] |= {"blocked": True}
    assert door.told(blocked) == {"ignored": "blocked"}
    merged = message(id=7002)
    merged["sender"] |= {"id": 46, "name": "Téo L."}
    assert door.told(merged) == {"stored": True}
    assert (door.letters[0].contact_id, door.letters[0].contact_phone) == (46, "+5521990001122")


@hazard(26)
def test_labels_are_read_before_the_set_is_replaced(
    playground: tuple[RunningPlayground, dict[str, Any]],
) -> None:
    running, bot = playground
    client = running.client(bot)
    running.api("POST", "1/conversations/1/labels", {"labels": ["vip"]}, bot["access_token"])
    assert client.add_labels(1, ["ia"]) == ["vip", "ia"]


@hazard(27)
def test_a_reply_never_carries_a_source_id_and_reaches_the_channel(
    playground: tuple[RunningPlayground, dict[str, Any]],
) -> None:
    running, bot = playground
    running.client(bot).post_message(1, "Oi!", content_attributes={"chatwootai_turn": "t-1"})
    posted = running.act("GET", "conversations/1/1")["messages"][-1]
    assert posted["delivered_to_channel"]


@hazard(28)
def test_a_hand_off_answers_success_null_and_is_one(
    playground: tuple[RunningPlayground, dict[str, Any]],
) -> None:
    running, bot = playground
    running.client(bot).toggle_status(1, "open")
    assert running.act("GET", "conversations/1/1")["status"] == "open"


@hazard(29, 30)
@pytest.mark.parametrize(
    ("status", "error", "details"),
    [(429, TooManyRequests, {}), (422, Unprocessable, {"reason": "too_many_messages"})],
)
def test_limits_of_chatwoot_are_errors_that_are_tried_again(
    playground: tuple[RunningPlayground, dict[str, Any]],
    status: int,
    error: type[Exception],
    details: dict[str, Any],
) -> None:
    running, bot = playground
    running.act("POST", "failures", {"posts": {"count": 1, "mode": "refuse", "status": status}})
    with pytest.raises(error) as raised:
        running.client(bot).post_message(1, "Oi!")
    assert raised.value.details == details
    running.client(bot).post_message(1, "Oi!")
    said = wait_until(lambda: running.act("GET", "conversations/1/1")["messages"])
    assert [m["content"] for m in said].count("Oi!") == 1


def test_all_thirty_hazards_have_a_test() -> None:
    assert set(range(1, 31)) == COVERED
