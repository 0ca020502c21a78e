"""A broker that does not answer keeps no webhook waiting; the sweeper finds what was stored."""

import socket
import time
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from sidecar.settings import Settings
from sidecar.tasks import messages
from sidecar.tasks.broker import broker_for
from sidecar.web.state import HINT_SECONDS


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_hint_gives_up_soon(settings: Settings, silent: int) -> None:
    url = SecretStr(f"redis://127.0.0.1:{silent}/2")
    stuck = settings.model_copy(update={"broker_url": url})
    started = time.monotonic()
    assert not messages.hint(broker_for(stuck, HINT_SECONDS), messages.JOBS, "account_1|x")
    assert time.monotonic() - started < 4.5, "Chatwoot would have given up"
