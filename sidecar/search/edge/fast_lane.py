"""The searches' way past Flask, whose dispatch costs them more than reading the question does.

Only for the two requests that every search makes, while nothing is wrong with them. Whatever else
comes, Flask answers, errors too, so that they are told in one place: it gets the body back.
"""

import hmac
import io
import re
import time
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from sidecar.errors import SidecarError
from sidecar.search.edge import json_text
from sidecar.search.edge.collections import Collections
from sidecar.search.edge.queries import answers_of, records_of

_PATH = re.compile(r"/collections/([^/]+)/points(/query/batch)?")


class FastLane:
    """A WSGI application before `beyond`, which serves the same requests by itself.

    most: bytes of a body that is read here.
    """

    def __init__(self, beyond: WSGIApplication, collections: Collections, api_key: str, most: int):
        self._beyond = beyond
        self._collections = collections
        self._api_key = api_key.encode()
        self._most = most

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        path = _PATH.fullmatch(environ["PATH_INFO"])
        if path is None or not self._is_plain(environ):
            return self._beyond(environ, start_response)
        raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        try:
            found = self._found(path[1], bool(path[2]), raw)
        except SidecarError:
            environ["wsgi.input"] = io.BytesIO(raw)
            return self._beyond(environ, start_response)
        text = json_text.result(found, time.perf_counter() - started)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(text)))]
        start_response("200 OK", headers)
        return [text]

    def _found(self, name: str, searching: bool, raw: bytes) -> list[dict[str, Any]]:
        collection, body = self._collections.get(name), json_text.read(raw)
        return answers_of(collection, body) if searching else records_of(collection, body)

    def _is_plain(self, environ: WSGIEnvironment) -> bool:
        """Whether it is a POST by our key, of a known size, without options."""
        size = environ.get("CONTENT_LENGTH") or ""
        return (
            environ["REQUEST_METHOD"] == "POST"
            and not environ.get("QUERY_STRING")
            and size.isdecimal()
            and int(size) <= self._most
            and hmac.compare_digest(environ.get("HTTP_API_KEY", "").encode(), self._api_key)
        )
