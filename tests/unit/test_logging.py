"""Lines go to standard error as it is when they are written."""

import io
import logging
import sys

import pytest
import structlog

from sidecar.observability.logging import configure_logging


def test_a_closed_stream_of_before_is_not_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    before, now = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", before)
    configure_logging("info", "test")
    structlog.get_logger("one").info("first")
    monkeypatch.setattr(sys, "stderr", now)
    before.close()
    structlog.get_logger("two").info("second")
    logging.getLogger("third").warning("third")
    assert "second" in now.getvalue()
    assert "third" in now.getvalue()
