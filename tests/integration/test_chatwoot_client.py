"""The client against the playground over real HTTP: what it sends, how failures are named."""

import socket
import threading

import pytest

from sidecar.chatwoot.client import AmbiguousPost, ChatwootClient
from sidecar.chatwoot.verdict import Act, Ignore, still_ours
from sidecar.errors import (
    BadRequest,
    NotConfigured,
    NotFound,
    TooManyRequests,
    Unavailable,
    Unprocessable,
    UpstreamError,
    UpstreamRefused,
)
from tests.doubles.playground import HookReceiver, RunningPlayground


@pytest.fixture
def playground(tmp_path):
    with RunningPlayground(tmp_path / "p") as running:
        yield running


@pytest.fixture
def bot(playground):
    with HookReceiver() as hook:
        made = playground.enroll_bot(hook.url)
        start = {"inbox_id": 1, "name": "Ana", "phone": "+5511987654321", "content": "Oi"}
        playground.act("POST", "conversations", start)
        yield made


@pytest.fixture
def client(playground, bot):
    return playground.client(bot)


@pytest.fixture
def raw_server():
    """Answers every connection with the bytes put into `answers`, whatever was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    answers: list[bytes] = []

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(answers[0])

    threading.Thread(target=run, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield (
        ChatwootClient(url, 1, "sesame", "sesame", timeout=2.0, allow_private=["127.0.0.1"]),
        answers,
    )
    listener.close()


def fail_posts(playground, mode, status=500, count=1, seconds=3.0):
    wanted = {"count": count, "mode": mode, "status": status, "seconds": seconds}
    playground.act("POST", "failures", {"posts": wanted})


def test_a_post_arrives_once_with_its_marker_and_without_source_id(client, playground):
    message = client.post_message(1, "**Olá!**", content_attributes={"chatwootai_turn": "t-1"})
    assert (message.content, message.message_type, message.sender_kind) == (
        "**Olá!**",
        "outgoing",
        "agent_bot",
    )
    shown = playground.act("GET", "conversations/1/1")["messages"][-1]
    assert shown["delivered_to_channel"] is True
    assert client.find_message(1, "chatwootai_turn", "t-1").id == message.id
    assert client.find_message(1, "chatwootai_turn", "t-2") is None


def test_a_reply_with_source_id_would_never_reach_the_customer(playground, bot):
    body = {"content": "perdida", "source_id": "wamid.x"}
    playground.api("POST", "1/conversations/1/messages", body, bot["access_token"])
    shown = playground.act("GET", "conversations/1/1")["messages"][-1]
    assert shown["delivered_to_channel"] is False


def test_a_private_note_is_no_message_to_the_customer(client, playground):
    assert client.post_message(1, "resumo", private=True).private
    assert playground.act("GET", "conversations/1/1")["messages"][-1]["private"]


def test_messages_are_paged_oldest_first(client):
    ids = [client.post_message(1, f"m{n}").id for n in range(25)]
    latest = [m.id for m in client.messages(1)]
    assert latest == ids[-20:]
    assert [m.id for m in client.messages(1, after=ids[0])] == ids[1:]
    assert [m.id for m in client.messages(1, before=ids[5])] == [ids[0] - 1, *ids[:5]]


def test_find_message_looks_beyond_one_page(client):
    first = client.post_message(1, "início")
    for n in range(120):
        client.post_message(1, f"m{n}")
    wanted = client.post_message(1, "fim", content_attributes={"chatwootai_turn": "t"})
    assert client.find_message(1, "chatwootai_turn", "t", after=first.id).id == wanted.id


def test_reading_messages_needs_an_agents_token(playground, bot):
    with pytest.raises(NotConfigured):
        playground.client(bot, reading=False).messages(1)
    as_bot = ChatwootClient(
        playground.url, 1, bot["access_token"], bot["access_token"], allow_private=["127.0.0.1"]
    )
    with pytest.raises(UpstreamRefused):
        as_bot.messages(1)


def test_handoff_answers_null_and_is_a_success(client, playground, bot):
    path = "1/conversations/1/toggle_status"
    assert client.conversation(1).status == "pending"
    client.toggle_status(1, "open")
    assert client.conversation(1).status == "open"
    playground.act("POST", "conversations/1/1/actions", {"action": "hand_back"})
    answer = playground.api("POST", path, {"status": "open"}, bot["access_token"]).json()
    assert answer["payload"]["success"] is None


def test_the_conversation_as_it_is_now_decides_whether_to_post(client, playground):
    assert still_ours(client.conversation(1)) == Act()
    playground.act("POST", "conversations/1/1/actions", {"action": "close_window"})
    assert still_ours(client.conversation(1)) == Ignore("cannot_reply")
    playground.act("POST", "conversations/1/1/actions", {"action": "take_over"})
    taken = client.conversation(1)
    assert (taken.status, taken.assignee_kind) == ("open", "human")
    assert still_ours(taken) == Ignore("human_assigned")


def test_labels_are_read_before_they_are_replaced(client):
    assert client.add_labels(1, ["vip"]) == ["vip"]
    assert client.add_labels(1, ["sofa", "vip"]) == ["vip", "sofa"]
    assert client.remove_labels(1, ["vip"]) == ["sofa"]
    assert client.labels(1) == ["sofa"]


def test_an_unknown_team_is_an_error_although_chatwoot_answers_200(client):
    client.assign_team(1, 1)
    with pytest.raises(NotFound):
        client.assign_team(1, 99)


def test_typing_is_shown_and_hidden(client, playground):
    client.toggle_typing(1, True)
    assert playground.act("GET", "conversations/1/1")["typing"] is True
    client.toggle_typing(1, False)
    assert playground.act("GET", "conversations/1/1")["typing"] is False


def test_pending_conversations_can_be_listed(client):
    assert [c.id for c in client.conversations(status="pending")] == [1]
    assert client.conversations(status="pending", inbox_id=2) == []
    assert client.conversations(status="open") == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, UpstreamRefused),
        (403, UpstreamRefused),
        (404, NotFound),
        (422, Unprocessable),
        (429, TooManyRequests),
    ],
)
def test_a_refused_post_was_not_stored_and_is_not_ambiguous(client, playground, status, error):
    fail_posts(playground, "refuse", status)
    with pytest.raises(error) as caught:
        client.post_message(1, "não passa")
    assert not isinstance(caught.value, AmbiguousPost)
    assert [m.content for m in client.messages(1)] == ["Oi"]
    if status == 422:
        assert caught.value.details["reason"] == "too_many_messages"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_after_a_post_is_ambiguous(client, playground, status):
    fail_posts(playground, "store_then_error", status)
    with pytest.raises(AmbiguousPost):
        client.post_message(1, "talvez", content_attributes={"chatwootai_turn": "t"})
    assert client.find_message(1, "chatwootai_turn", "t") is not None


def test_a_cut_connection_after_a_post_is_ambiguous(client, playground):
    fail_posts(playground, "store_then_drop")
    with pytest.raises(AmbiguousPost) as caught:
        client.post_message(1, "talvez")
    assert "status" not in caught.value.details  # no answer at all came
    assert [m.content for m in client.messages(1)] == ["Oi", "talvez"]


def test_silence_after_a_post_is_ambiguous_within_the_timeout(playground, bot):
    fail_posts(playground, "store_then_hang", seconds=1.5)
    with pytest.raises(AmbiguousPost):
        playground.client(bot, timeout=0.3).post_message(1, "talvez")


def test_a_server_that_is_not_there_got_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = ChatwootClient(f"http://127.0.0.1:{port}", 1, "t", allow_private=["127.0.0.1"])
    with pytest.raises(Unavailable) as caught:
        client.post_message(1, "oi")
    assert not isinstance(caught.value, AmbiguousPost)


def test_a_conversation_that_is_not_there_is_not_found(client):
    with pytest.raises(NotFound):
        client.conversation(77)


def test_tokens_are_checked_without_touching_anything(client, playground, bot):
    client.check_bot_token()
    client.check_reading_token()
    elsewhere = ChatwootClient(
        playground.url, 2, bot["access_token"], "wrong", allow_private=["127.0.0.1"]
    )
    for check in (elsewhere.check_bot_token, elsewhere.check_reading_token):
        with pytest.raises(UpstreamRefused):
            check()


def test_a_private_address_is_refused_unless_allowed(playground, bot):
    client = ChatwootClient(playground.url, 1, bot["access_token"], allow_private=[])
    with pytest.raises(UpstreamError) as caught:
        client.post_message(1, "oi")
    assert "private" in caught.value.message
    by_name = ChatwootClient(
        playground.url.replace("127.0.0.1", "localhost"),
        1,
        bot["access_token"],
        allow_private=["localhost"],
    )
    assert by_name.conversation(1).id == 1


def test_no_redirect_is_followed(raw_server):
    client, answers = raw_server
    answers.append(
        b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n"
        b"Connection: close\r\n\r\n"
    )
    with pytest.raises(UpstreamError) as caught:
        client.post_message(1, "oi")
    assert caught.value.details["status"] == 307
    assert not isinstance(caught.value, AmbiguousPost)


def test_an_answer_without_end_is_cut(raw_server):
    client, answers = raw_server
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    answers.append(head + b" " * 5_000_000)
    with pytest.raises(Unavailable):
        client.conversation(1)


def test_an_answer_that_is_no_json_is_named(raw_server):
    client, answers = raw_server
    answers.append(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n<html")
    with pytest.raises(UpstreamError):
        client.conversation(1)
    with pytest.raises(AmbiguousPost):
        client.post_message(1, "oi")


def test_no_error_or_repr_holds_a_token(raw_server):
    client, answers = raw_server
    answers.append(b"HTTP/1.1 401 X\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsesame")
    with pytest.raises(UpstreamRefused) as caught:
        client.messages(1)
    assert "sesame" not in f"{caught.value!r}{caught.value.as_dict()}{client!r}"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("url", ["ftp://x", "chat.example", "http://user:pass@chat.example", ""])
def test_a_url_that_is_none_is_refused(url):
    with pytest.raises(BadRequest):
        ChatwootClient(url, 1, "t")


def test_an_empty_message_is_not_sent(client):
    with pytest.raises(Unprocessable):
        client.post_message(1, "  ")
