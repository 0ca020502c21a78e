"""Fetching what a customer sent: `data_url` redirects to where the file really is.

Every hop is a request of its own through the guard against private addresses, and carries no token
of ours. On bot webhooks the upload may not be finished yet, so a 404 is tried again.
"""

import time
from collections.abc import Callable, Collection
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from sidecar.errors import NotFound, Unavailable, Unprocessable, UpstreamError
from sidecar.outbound.session import Outbound, ResponseTooLarge, ResponseTooSlow, is_private_refusal

_MOST_REDIRECTS = 3
_WAITS = (0.5, 1.0, 2.0)  # seconds before a file that is not there is asked for again
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Downloads:
    """Fetches files of any Chatwoot. Safe to share between threads.

    max_bytes: longest file. allow_private: hosts that may be private. sleep: for tests.
    """

    def __init__(
        self,
        timeout: float,
        allow_private: Collection[str],
        max_bytes: int,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._http = Outbound(timeout, allow_private, max_bytes)
        self._sleep = sleep

    def fetch(self, url: str) -> tuple[bytes, str]:
        """(bytes, content type) of the file at `url`.

        NotFound when it is not there after some tries, Unprocessable when it is too long,
        UpstreamError for a private address or another answer, Unavailable without one.
        """
        for wait in (*_WAITS, None):
            try:
                return self._follow(url)
            except NotFound:
                if wait is None:
                    raise
                self._sleep(wait)
        raise NotFound("The customer's file is not there.")

    def _follow(self, url: str) -> tuple[bytes, str]:
        for _ in range(_MOST_REDIRECTS + 1):
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
                raise UpstreamError("The customer's file has no address on the web.")
            try:
                answer = self._http.send("GET", url, {})
            except ResponseTooLarge:
                raise Unprocessable("The customer's file is too long.") from None
            except (requests.RequestException, HTTPError, ResponseTooSlow) as error:
                if is_private_refusal(error):
                    raise UpstreamError("The file lies in a private network.") from None
                raise Unavailable("The customer's file cannot be fetched right now.") from None
            if answer.status in _REDIRECTS:
                url = urljoin(url, answer.headers.get("Location", ""))
                continue
            if answer.status == 404:
                raise NotFound("The customer's file is not there.")
            if answer.status != 200:
                raise UpstreamError("The customer's file was not given.", status=answer.status)
            return answer.body, answer.headers.get("Content-Type", "").partition(";")[0].strip()
        raise UpstreamError("The file's address leads from one to another without an end.")
