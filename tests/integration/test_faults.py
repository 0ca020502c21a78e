"""A sample of the fault matrix (`make test-faults` runs the whole): really started processes."""

import socket
from pathlib import Path

from tests.faults.gate import Gate
from tests.faults.house import FaultHouse
from tests.faults.matrix import Cell, bad, cells, final, printed, run

SAMPLE = (
    Cell("llm", "cut"),
    Cell("odoo", "500"),
    Cell("qdrant", "down"),
    Cell("chatwoot", "cut"),
    Cell("redis", "killed"),
    Cell("worker", "posted"),
)


def test_every_message_ends_answered_handed_off_or_alerted(tmp_path: Path) -> None:
    assert set(SAMPLE) <= set(cells())
    # a busy machine is no fault: Chatwoot waits longer here
    with FaultHouse(tmp_path / "house", patience=30.0) as house:
        found = final(house, {cell: run(house, cell) for cell in SAMPLE})
        print(printed(found))
        assert bad(found) == [], f"{printed(found)}\n{house.logs()}"
        assert len(found) == len(SAMPLE)


def test_a_lost_and_a_doubled_message_are_red() -> None:
    found = {Cell("llm", "down"): ["answered", "LOST"], Cell("odoo", "cut"): ["DOUBLED"]}
    assert bad(found) == list(found)
    assert "✗ llm: down" in printed(found)
    assert bad({Cell("llm", "down"): ["refused"]}), "nothing of ours was away"
    assert bad({Cell("llm", "slow"): ["answered", "handed off", "alerted"]}) == []


def test_an_answer_is_held_whose_request_came_in_two_pieces() -> None:
    with socket.create_server(("127.0.0.1", 0)) as peer:
        gate = Gate(peer.getsockname()[1])
        gate.set("answer", b"POST /api/v1")
        with socket.create_connection(("127.0.0.1", gate.port), 20) as client:
            behind, _ = peer.accept()
            with behind:
                behind.settimeout(20)
                for piece in (b"POST /api/v1/messages HTTP/1.1\r\n\r\n", b"the body"):
                    client.sendall(piece)
                    assert behind.recv(100) == piece
                behind.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                assert gate.touched.wait(20)
                gate.set("open")
                assert client.recv(100).startswith(b"HTTP/1.1 200")
        gate.close()
