"""Edits, deletions and attachments of what the customer sent."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.chatwoot.downloads import Downloads
from sidecar.crews.reply import Reply
from sidecar.errors import NotFound, Unprocessable, UpstreamError
from sidecar.hub.conversation import ConversationDesk
from sidecar.hub.mailbox import Letter, Mailbox
from sidecar.store import keys
from tests.doubles.playground import wait_until
from tests.integration.conftest import Shop, Worker


def letters(worker: Worker, conversation: int) -> list[Any]:
    return worker.desk.mailbox.letters("account_1", f"7-{conversation}")


def arrived(worker: Worker, conversation: int, count: int = 1) -> None:
    wait_until(lambda: len(letters(worker, conversation)) == count)


def customers_message(shop: Shop, conversation: int, place: int = 0) -> int:
    said = [m for m in shop.read(conversation)["messages"] if m["message_type"] == 0]
    return said[place]["id"]


def test_an_edit_counts_while_it_is_not_answered(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("tem sofá vermelho?", "de 2 lugares")
    arrived(worker, conversation, 2)
    shop.change(conversation, customers_message(shop, conversation), content="tem sofá azul?")
    wait_until(lambda: "tem sofá azul?" in [one.content for one in letters(worker, conversation)])
    worker.drain(conversation, 2)
    assert worker.hub.asked[0][0] == "tem sofá azul?\nde 2 lugares"
    shop.change(conversation, customers_message(shop, conversation), content="tem mesa?")
    worker.work_until(lambda: worker.queue.pending() == 0)
    assert len(shop.answers(conversation)) == 1


def test_an_edit_while_we_write_is_answered_as_it_reads_now(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("tem sofá vermelho?")

    def reply(question: str) -> Reply:
        if "vermelho" in question:
            message = customers_message(shop, conversation)
            shop.change(conversation, message, content="tem sofá azul?")
            wait_until(
                lambda: "tem sofá azul?" in [one.content for one in letters(worker, conversation)]
            )
        return Reply(f"sobre: {question}", "llm")

    worker.hub.reply = reply
    worker.drain(conversation)
    assert shop.answers(conversation) == ["sobre: tem sofá azul?"]


def test_what_was_taken_back_is_not_answered(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("meu CPF é 000", "tem sofá?")
    arrived(worker, conversation, 2)
    shop.change(conversation, customers_message(shop, conversation), deleted=True)
    wait_until(lambda: any(one.deleted for one in letters(worker, conversation)))
    worker.drain(conversation, 2)
    assert worker.hub.asked[0][0] == "tem sofá?"
    history = worker.hub.services.store.lrange(
        keys.history("account_1", f"7-{conversation}"), 0, -1
    )
    assert "CPF" not in str(history)
    shop.say(conversation, "esquece")
    arrived(worker, conversation)
    shop.change(conversation, customers_message(shop, conversation, -1), deleted=True)
    wait_until(lambda: any(one.deleted for one in letters(worker, conversation)))
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 1
    assert worker.queue.pending() == 0


def test_letters_are_read_in_the_order_they_were_sent(shop: Shop, worker: Worker) -> None:
    shop.fail(reorder=3)
    conversation = shop.start("um", "dois", "três")
    worker.drain(conversation, 3)
    assert worker.hub.asked[0][0] == "um\ndois\ntrês"


def test_a_change_that_is_told_before_its_message_stands_in_for_it(worker: Worker) -> None:
    box = worker.desk.mailbox
    first = Letter(5, "vermelho", 1000.0, "r")
    edited = Letter(5, "azul", 1001.0, "r")
    assert not box.change("account_1", "7-1", "edit", edited)
    assert box.put("account_1", "7-1", "created", first)
    assert [one.content for one in box.letters("account_1", "7-1")] == ["azul"]
    assert not box.put("account_1", "7-1", "created", first)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (
            {
                "file_type": "location",
                "coordinates_lat": -23.55,
                "coordinates_long": -46.63,
                "fallback_title": "Praça da Sé",
            },
            "(localização: Praça da Sé – -23.550000, -46.630000)",
        ),
        ({"file_type": "contact", "fallback_title": "Zé"}, "(cartão de contato: Zé)"),
        ({"file_type": "audio", "transcribed_text": "tem poltrona?"}, "tem poltrona?"),
        ({"file_type": "fallback", "fallback_title": "Post da loja"}, "Post da loja"),
    ],
)
def test_places_contacts_and_voices_become_words(
    shop: Shop, worker: Worker, file: dict[str, Any], words: str
) -> None:
    conversation = shop.start()
    shop.post(
        f"/playground/api/conversations/1/{conversation}/messages", content="", attachments=[file]
    )
    worker.drain(conversation)
    assert worker.hub.asked[0][0] == words
    assert len(shop.answers(conversation)) == 1


@pytest.mark.parametrize("kind", ["image", "audio", "file", "video"])
def test_what_nobody_here_can_read_is_said_so_and_a_person_looks(
    shop: Shop, worker: Worker, kind: str
) -> None:
    conversation = shop.start()
    file = {"file_type": kind, "data_url": "http://127.0.0.1:1/x"}
    shop.say(conversation, "é este aqui", attachments=[file])
    worker.drain(conversation)
    assert worker.hub.asked == []
    assert "Não consigo abrir" in shop.answers(conversation)[0]
    assert shop.read(conversation)["status"] == "open"
    assert "Perguntou: é este aqui" in shop.notes(conversation)[0]
    assert worker.desk.traces.take("account_1")[1][0]["reason"] == "attachment"


# -- fetching ---------------------------------------------------------------------------------


class Files(BaseHTTPRequestHandler):
    """Redirects /go to /file, which is there on the second look; /loop and /away never end."""

    looks = 0

    def do_GET(self) -> None:
        Files.looks += 1
        path = self.path
        if path in ("/go", "/loop", "/away"):
            to = {"/go": "/file", "/loop": "/loop", "/away": "http://169.254.169.254/secret"}
            self.send_response(302)
            self.send_header("Location", to[path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"x" * (5000 if path == "/large" else 10)
        self.send_response(404 if path == "/file" and Files.looks < 4 else 200)
        self.send_header("Content-Type", "image/png; charset=binary")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def files() -> Iterator[str]:
    Files.looks = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_is_followed_and_waited_for_within_limits(files: str) -> None:
    waited: list[float] = []
    downloads = Downloads(5, ["127.0.0.1"], 1000, waited.append)
    assert downloads.fetch(f"{files}/go") == (b"x" * 10, "image/png")
    assert waited == [0.5]  # 404 once, then it was there
    with pytest.raises(Unprocessable):
        downloads.fetch(f"{files}/large")
    with pytest.raises(UpstreamError, match="without an end"):
        downloads.fetch(f"{files}/loop")
    with pytest.raises(UpstreamError, match="no address"):
        downloads.fetch("file:///etc/passwd")


def test_a_file_never_leads_into_a_private_network(files: str) -> None:
    with pytest.raises(UpstreamError, match="private"):
        Downloads(5, [], 1000).fetch(f"{files}/file")


def test_a_file_that_never_comes_is_given_up(files: str) -> None:
    waited: list[float] = []
    Files.looks = -100
    with pytest.raises(NotFound):
        Downloads(5, ["127.0.0.1"], 1000, waited.append).fetch(f"{files}/file")
    assert len(waited) == 3


def test_a_picture_is_described_where_the_model_sees(
    shop: Shop, worker: Worker, files: str
) -> None:
    class Seeing:
        model = "eyes"
        asked: list[Any] = []

        def complete(self, messages: list[Any], budget: Any) -> Any:
            self.asked.append(messages)
            budget.spend(10, 5)
            return SimpleNamespace(content="um sofá azul")

    settings = worker.settings.model_copy(update={"vision": True})
    services = worker.hub.services
    services.gateway = Seeing()
    services.web = SimpleNamespace(**{n: getattr(services.web, n) for n in services.web.__slots__})
    services.web.settings = settings
    worker.desk = ConversationDesk(worker.hub, Mailbox(services.store, settings))
    conversation = shop.start()
    Files.looks = 10
    shop.say(
        conversation, "tem este?", attachments=[{"file_type": "image", "data_url": f"{files}/go"}]
    )
    worker.drain(conversation)
    assert worker.hub.asked[0][0] == "tem este?\n(imagem: um sofá azul)"
    (sent,) = Seeing.asked
    assert sent[1]["content"][0]["image_url"]["url"].startswith("data:image/png;base64,")
    (row,) = worker.desk.traces.take("account_1")[1]
    assert (row["llm_calls"], row["input_tokens"], row["model"]) == (1, 10, "eyes")
