"""Structured logs on standard error, with secrets masked wherever they stand."""

import logging
import re
import sys
from typing import Any, TextIO

import structlog

_SECRET_NAME = re.compile(r"(?i)(token|secret|api_?key|password|authorization|signature)$")
_SECRET_TEXT = re.compile(
    r"(?i)(/webhook/chatwoot/)[A-Za-z0-9_\-]+"
    r"|(bearer\s+)[A-Za-z0-9._\-]+"
    r"|([?&]access_token=)[^&\s\"')\]]+"
    r"|(://[^:/@\s]*:)[^@/\s]+(?=@)"
)
_MASK = "***"


def configure_logging(level: str, process: str) -> None:
    """Set up structlog and the standard library's logging; `process` stands in every line.

    `level` is the least that is written: debug, info, warning, error.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask_secrets,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(_StandardError()),
    )
    structlog.contextvars.bind_contextvars(process=process)
    handler = logging.StreamHandler(_StandardError())
    handler.addFilter(_MaskFilter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class _StandardError(TextIO):
    """Standard error as it is when a line is written: it may be exchanged and closed meanwhile."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def mask_secrets(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """structlog processor: values under secret names and secrets inside texts are masked."""
    return {key: _masked(key, value) for key, value in event.items()}


def mask_text(text: str) -> str:
    """`text` without webhook tokens, bearer tokens, tokens of links and passwords of URLs."""
    return _SECRET_TEXT.sub(lambda m: next(g for g in m.groups() if g) + _MASK, text)


def _masked(key: str, value: Any) -> Any:
    if _SECRET_NAME.search(key):
        return _MASK
    return mask_text(value) if isinstance(value, str) else value


class _MaskFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask_text(record.getMessage())
        record.args = ()
        return True
