"""Lines go to standard error as it is when they are written."""

import io
import logging
import sys

import pytest
import structlog

from sidecar.observability.logging import configure_logging, mask_text


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


def test_the_token_of_a_customers_link_is_masked() -> None:
    told = "Assine: https://loja.example/my/orders/5?access_token=0f1e-2d3c&payment=1 até amanhã"
    assert mask_text(told) == (
        "Assine: https://loja.example/my/orders/5?access_token=***&payment=1 até amanhã"
    )
