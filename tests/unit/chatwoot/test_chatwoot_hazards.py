"""The contract's hazards, one test each: what the bot answers and what it leaves alone."""

import pytest

from sidecar.chatwoot.people import Contact
from sidecar.chatwoot.records import Conversation
from sidecar.chatwoot.verdict import Act, Change, Ignore, still_ours, verdict
from tests.unit.chatwoot.bodies import AGENT, BOT, IMAGE, conversation, message, outgoing, read

GROUP = "120363000000000000@g.us"


def judge(body):
    return verdict(read(body))


def with_sender(**changes):
    body = message()
    body["sender"] |= changes
    return body


def test_the_customer_speaking_to_the_bot_is_answered():
    assert judge(message()) == Act()


def test_01_own_echo():
    assert judge(outgoing()) == Ignore("bot_echo")
    marked = outgoing(sender=None, content_attributes={"chatwootai_turn": "t-1"})
    assert judge(marked) == Ignore("bot_echo")


def test_02_human_outgoing():
    assert judge(outgoing(sender=AGENT)) == Ignore("human_reply")


@pytest.mark.parametrize("kind", ["incoming", "outgoing"])
def test_03_private_note(kind):
    assert judge(message(private=True, message_type=kind, sender=AGENT)) == Ignore("private_note")


def test_04_greeting_and_out_of_office_are_templates():
    assert judge(message(message_type="template", sender=None)) == Ignore("template")


def test_05_campaign():
    sent = outgoing(sender=AGENT, additional_attributes={"campaign_id": 12})
    assert judge(sent) == Ignore("campaign")


def test_06_a_human_who_replies_from_the_phone():
    echo = outgoing(sender=None, content_attributes={"external_echo": True})
    assert judge(echo) == Ignore("human_from_phone")


def test_07_activity_is_ignored_should_it_ever_come():
    assert judge(message(message_type="activity", sender=None)) == Ignore("activity")


def test_08_a_duplicate_has_the_same_key():
    assert read(message()).dedupe_key == read(message()).dedupe_key


def test_09_account_hook_and_bot_hook_have_the_same_key_whatever_was_rendered_later():
    frozen = read(message())
    later = read(message(conversation={"updated_at": 1785664999.0, "unread_count": 2}))
    assert frozen.dedupe_key == later.dedupe_key


def test_10_two_bot_routes_have_the_same_key():
    owned = {"meta": {"assignee": BOT, "assignee_type": "AgentBot"}}
    assert read(message()).dedupe_key == read(message(conversation=owned)).dedupe_key


def test_11_a_burst_has_a_key_per_message_even_with_equal_words():
    burst = [message(id=7001 + n, content="oi") for n in range(4)]
    assert len({read(body).dedupe_key for body in burst}) == 4
    assert all(judge(body) == Act() for body in burst)


@pytest.mark.parametrize(
    ("changes", "deleted"),
    [
        ({"content": "editada"}, False),
        ({"content_attributes": {"deleted": True}}, True),
        ({"attachments": [IMAGE | {"transcribed_text": "oi"}]}, False),
    ],
)
def test_12_an_incoming_message_that_changed_later(changes, deleted):
    changed = message(event="message_updated", **changes)
    assert judge(changed) == Change(deleted)
    assert read(changed).content_hash != read(message()).content_hash


def answered(**changes):
    attributes = {
        "items": [{"title": "Centro", "value": "c"}, {"title": "Norte", "value": "n"}],
        "submitted_values": [{"title": "Norte", "value": "n"}],
    }
    question = {"content": "Qual loja?", "content_type": "input_select"}
    return outgoing(
        **({"event": "message_updated", "content_attributes": attributes} | question | changes)
    )


def test_13_the_answer_to_a_list_is_the_customers_word():
    assert judge(answered()) == Act()
    assert read(answered()).text == "Norte"
    assert judge(answered(event="message_created")) == Ignore("bot_echo")
    survey = {"csat_survey_response": {"rating": 5}}
    csat = answered(content_type="input_csat", content_attributes={"submitted_values": survey})
    assert judge(csat) == Ignore("survey")
    unanswered = answered(content_attributes={"items": []})
    assert judge(unanswered) == Ignore("bot_echo")
    assert judge(answered(conversation={"status": "open"})) == Ignore("not_pending")


def test_14_a_picture_without_words():
    picture = message(content=None, attachments=[IMAGE])
    assert judge(picture) == Act()
    assert read(picture).text == ""
    assert judge(message(content=None)) == Ignore("empty")
    assert judge(message(content=" \n")) == Ignore("empty")
    unsupported = message(content=None, content_attributes={"is_unsupported": True})
    assert judge(unsupported) == Act()
    voice = message(content=None, attachments=[IMAGE | {"transcribed_text": "tem bolo?"}])
    assert read(voice).text == "tem bolo?"


def test_15_a_file_that_is_not_there_yet_does_not_hold_the_message_back():
    picture = message(attachments=[IMAGE])
    assert judge(picture) == Act()
    # Its address is signed anew at each rendering, so it may not decide what a duplicate is.
    again = message(attachments=[IMAGE | {"data_url": "https://b"}])
    assert read(picture).dedupe_key == read(again).dedupe_key


def test_16_can_reply_false():
    assert judge(message(conversation={"can_reply": False})) == Ignore("cannot_reply")


@pytest.mark.parametrize("status", ["open", "resolved", "snoozed", "new-in-5.0"])
def test_17_only_pending_conversations_are_the_bots(status):
    assert judge(message(conversation={"status": status})) == Ignore("not_pending")


def test_18_a_stale_body_acts_and_the_conversation_as_it_is_now_stops_it():
    assert judge(message()) == Act()
    contact = Contact(id=45)
    ours = {"id": 17, "inbox_id": 8, "status": "pending", "can_reply": True}
    now = Conversation(**ours, assignee_kind="bot", contact=contact)
    assert still_ours(now) == Act()
    for changes, reason in (
        ({"status": "open"}, "not_pending"),
        ({"assignee_kind": "human"}, "human_assigned"),
        ({"can_reply": False}, "cannot_reply"),
        ({"contact": Contact(id=45, blocked=True)}, "blocked"),
    ):
        values = ours | {"assignee_kind": None, "contact": contact} | changes
        assert still_ours(Conversation(**values)) == Ignore(reason)


def test_24_groups_by_address_or_identifier():
    by_address = {"contact_inbox": {"id": 61, "contact_id": 45, "source_id": GROUP}}
    assert judge(message(conversation=by_address)) == Ignore("group")
    assert judge(with_sender(identifier=GROUP)) == Ignore("group")


def test_25_blocked_and_merged_contacts():
    assert judge(with_sender(blocked=True)) == Ignore("blocked")
    merged = read(with_sender(id=46, name="Téo L."))
    assert verdict(merged) == Act()
    assert (merged.contact.id, merged.contact.source_id) == (46, "5521990001122")
    gone = read(message(sender=None))
    assert verdict(gone) == Act()
    assert gone.contact.id == 45


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({"assignee": AGENT, "assignee_type": "User"}, Ignore("human_assigned")),
        ({"assignee": AGENT}, Ignore("human_assigned")),
        ({"assignee": BOT, "assignee_type": "AgentBot"}, Act()),
        ({"assignee": BOT}, Act()),
        ({"assignee": {"id": 1, "type": "captain_assistant"}, "assignee_type": "Captain"}, Act()),
        ({"assignee": None, "assignee_type": None}, Act()),
    ],
)
def test_only_a_person_as_assignee_stops_the_bot(meta, expected):
    assert judge(message(conversation={"meta": meta})) == expected


def test_a_bot_that_writes_as_the_customer_is_not_answered():
    assert judge(message(sender=BOT)) == Ignore("sender_not_contact")


@pytest.mark.parametrize(
    "event", ["conversation_updated", "conversation_status_changed", "conversation_typing_on"]
)
def test_other_events_are_no_messages(event):
    assert judge(conversation(event)) == Ignore("not_a_message")
