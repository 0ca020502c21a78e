"""Reading webhook bodies: what varies between versions is read, nonsense is named by its field."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.chatwoot.payloads import parse_event
from sidecar.chatwoot.verdict import verdict
from sidecar.errors import BadRequest
from tests.unit.chatwoot.bodies import FIXTURE, conversation, message, read


def test_a_message_is_read_whole():
    event = parse_event(FIXTURE.read_bytes())
    assert (event.event, event.message_id, event.message_type) == (
        "message_created",
        7001,
        "incoming",
    )
    assert (event.account_id, event.inbox_id, event.conversation_id) == (3, 8, 17)
    assert (event.status, event.channel, event.labels) == (
        "pending",
        "Channel::Whatsapp",
        ("manhã",),
    )
    assert event.contact.name == "Téo Lima"
    assert (event.contact.phone, event.contact.source_id) == ("+5521990001122", "5521990001122")
    assert event.created_at == 1785664800.0
    assert event.sender_kind == "contact"
    hash(event)


def test_a_conversation_without_account_is_read():
    body = conversation("conversation_status_changed", status="open")
    del body["account"]
    event = read(body)
    assert (event.account_id, event.conversation_id, event.status) == (None, 17, "open")


def test_a_typing_event_wraps_its_conversation():
    body = {"event": "conversation_typing_on", "conversation": conversation("x"), "user": None}
    assert read(body).conversation_id == 17


def test_two_changes_of_a_conversation_are_two_happenings():
    first = read(conversation("conversation_status_changed", status="open", updated_at=1.5))
    second = read(conversation("conversation_status_changed", status="open", updated_at=9.5))
    assert first.dedupe_key != second.dedupe_key


def test_unknown_events_and_keys_are_accepted():
    assert read({"event": "webwidget_triggered", "account": {"id": 3}}).account_id == 3
    assert read(message(performed_by={"type": "User", "id": 1})).message_id == 7001


def test_half_a_surrogate_pair_and_nul_are_made_storable():
    event = parse_event(json.dumps(message(content="a\ud83db\x00c")).encode())
    assert event.content == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
    event.content.encode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"event": None}, "event"),
        ({"event": "x" * 65}, "event"),
        ({"id": "7001"}, "id"),
        ({"id": True}, "id"),
        ({"id": -1}, "id"),
        ({"id": 2**63}, "id"),
        ({"id": None}, "id"),
        ({"account": None, "conversation": {"id": 17}}, "account.id"),
        ({"account": []}, "account"),
        ({"message_type": None}, "message_type"),
        ({"message_type": 0}, "message_type"),
        ({"content": 5}, "content"),
        ({"private": "false"}, "private"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"created_at": "2026-08-02T10:00:00"}, "created_at"),
        ({"attachments": {}}, "attachments"),
        ({"attachments": [1]}, "attachments"),
        ({"conversation": {"id": 0}}, "conversation.id"),
        ({"conversation": {}}, "conversation.id"),
        ({"conversation": {"id": 1, "labels": [1]}}, "conversation.labels"),
        ({"sender": "x"}, "sender"),
    ],
)
def test_nonsense_is_named(changes, field):
    with pytest.raises(BadRequest) as caught:
        read(message() | changes)
    assert caught.value.details == {"field": field}


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b"{", b"\xff", b'{"event"', b"[" * 100_000, b"9" * 5000]
)
def test_what_is_no_object_is_refused(raw):
    with pytest.raises(BadRequest):
        parse_event(raw)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*message(), *conversation("x")]), inner, max_size=4)
    ),
    max_leaves=12,
)


# The machine is shared: slowness is no failure here.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(list(message())), _JSON, max_size=5), st.booleans())
def test_any_change_is_read_or_refused_never_a_crash(changes, whole):
    body = message() | changes if whole else {"event": "message_created", **changes}
    try:
        event = parse_event(json.dumps(body).encode())
    except BadRequest:
        return
    verdict(event)
    assert event.dedupe_key
    assert isinstance(event.text, str)
