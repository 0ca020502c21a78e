"""The one JSON shape of every answer."""

import uuid
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from sidecar.errors import SidecarError
from sidecar.store.connection import RedisError, unavailable

log = structlog.get_logger(__name__)

_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
}


def success(data: dict[str, Any], status: int = 200) -> tuple[Response, int]:
    """`{"success": true, "data": …, "request_id": …}`."""
    return jsonify(success=True, data=data, request_id=g.request_id), status


def failure(status: int, code: str, message: str, details: dict[str, Any] | None = None) -> Any:
    """`{"success": false, "error": {code, message, details}, "request_id": …}`."""
    error = {"code": code, "message": message, "details": details or {}}
    return jsonify(success=False, error=error, request_id=g.request_id), status


def install(app: Flask) -> None:
    """Give every request an id, and every error the one shape."""

    @app.before_request
    def _identify() -> None:
        g.request_id = uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(process="web", request_id=g.request_id)

    @app.errorhandler(SidecarError)
    def _named(error: SidecarError) -> Any:
        log.info("request.refused", path=request.path, status=error.status, code=error.code)
        return failure(error.status, error.code, error.message, error.details)

    @app.errorhandler(RedisError)
    def _store(error: RedisError) -> Any:
        log.error("store.unreachable", path=request.path, error=type(error).__name__)
        named = unavailable(error)
        return failure(named.status, named.code, named.message, named.details)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Any:
        status = error.code or 500
        return failure(status, _HTTP_CODES.get(status, "http_error"), error.name)

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Any:
        log.exception("request.failed", path=request.path)
        named = SidecarError()
        return failure(named.status, named.code, named.message)
