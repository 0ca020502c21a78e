"""HTTP client for the sidecar. Plain Python without Odoo.

SidecarError
├── SidecarUnreachable   refused, no route, TLS failure, connection cut
├── SidecarTimeout       no answer in time: the request may or may not have been accepted
└── SidecarBadAnswer     something that is not the envelope answered (a proxy's page, a redirect)
"""

import ipaddress
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from .signing import sign

TIMEOUT = (5, 20)  # seconds to connect, to wait for bytes
MAX_BYTES = 2 * 1024 * 1024


class SidecarError(Exception):
    """The sidecar gave no usable answer; the job was not visibly accepted."""

    code = "unreachable"


class SidecarUnreachable(SidecarError):
    code = "unreachable"


class SidecarTimeout(SidecarError):
    code = "timeout"


class SidecarBadAnswer(SidecarError):
    code = "bad_answer"


class UrlRefused(ValueError):
    """The address is not one that secrets may be sent to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """status: HTTP status; data: the envelope's data or {}; code, message: its error or "".

    field: the part of a document that the error is about, or "".
    """

    status: int
    data: dict[str, Any]
    code: str = ""
    message: str = ""
    field: str = ""

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    @property
    def temporary(self) -> bool:
        """The sidecar could not look at the request now: offer it again."""
        return self.status >= 500 or self.status == 429


def is_loopback(host: str) -> bool:
    """True for `localhost` and the loopback addresses of both families."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(url: str) -> str:
    """Return `url` without a trailing slash; raise UrlRefused unless https or http to loopback."""
    url = (url or "").strip().rstrip("/")
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError as error:
        raise UrlRefused(url) from error
    host = parts.hostname or ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    extras = parts.username or parts.password or parts.query or parts.fragment
    if not (safe and host and port_is_valid) or extras:
        raise UrlRefused(url)
    return url


def split_token(token: str) -> tuple[str, str]:
    """Split an enrollment token `<url>#<secret>`; raise UrlRefused when it is not one."""
    url, _, secret = (token or "").strip().partition("#")
    if not secret:
        raise UrlRefused(url)
    return check_url(url), secret


def enroll(url: str, secret: str, document: dict[str, Any]) -> Answer:
    """Post an enrollment (docs/contracts.md) and return the answer. Raises SidecarError."""
    body = _dump(document)
    return _request(
        "POST", check_url(url), "/api/v1/enroll", body, {"Authorization": f"Bearer {secret}"}
    )


class SidecarClient:
    """Signed calls of one tenant. Constructing it opens nothing.

    keys: {key id: signing key}, the newest first. A request that is refused as unauthorized is
    made once more with the key before: after a rotation whose end was lost only that one holds.
    """

    def __init__(self, url: str, account: str, keys: dict[str, str]):
        self.url = check_url(url)
        self._account = account
        self._keys = keys

    def process(self, envelope: dict[str, Any]) -> Answer:
        """POST one envelope to /api/v1/process. Raises SidecarError."""
        return self._signed("POST", "/api/v1/process", _dump(envelope))

    def job(self, job_id: str) -> Answer:
        """GET the state of a job. Raises SidecarError."""
        return self._signed("GET", f"/api/v1/jobs/{job_id}", b"")

    def _signed(self, method: str, path: str, body: bytes) -> Answer:
        # A sidecar below a path prefix sees, and so must be signed, the whole path.
        full_path = urlsplit(self.url).path + path
        first = None
        for key_id, key in list(self._keys.items())[:2]:
            headers = sign(key, key_id, self._account, method, full_path, body)
            answer = _request(method, self.url, path, body, headers)
            if answer.status != 401:
                return answer
            first = first or answer
        return first


def _dump(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _request(method: str, url: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
    headers = {**headers, "Accept": "application/json"}
    if body:
        headers["Content-Type"] = "application/json"
    with requests.Session() as session:
        # A .netrc would replace the Authorization header; proxies of the environment are not
        # meant for a service that usually runs beside Odoo.
        session.trust_env = False
        try:
            with session.request(
                method,
                url + path,
                data=body or None,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                raw = response.raw.read(MAX_BYTES + 1, decode_content=True)
                status = response.status_code
        except requests.Timeout as error:
            raise SidecarTimeout(url) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            # urllib3 raises its own tree while the raw stream is read.
            raise SidecarUnreachable(url) from error
    return _answer(status, raw, url)


def _answer(status: int, raw: bytes, url: str) -> Answer:
    try:
        envelope = json.loads(raw) if len(raw) <= MAX_BYTES else None
    except ValueError:
        envelope = None
    if not isinstance(envelope, dict) or "success" not in envelope:
        if status >= 500:  # a proxy in front of a stopped sidecar
            return Answer(status, {}, "unavailable", "")
        raise SidecarBadAnswer(url)
    error = envelope.get("error") or {}
    data = envelope.get("data") or {}
    if not isinstance(error, dict) or not isinstance(data, dict):
        raise SidecarBadAnswer(url)
    details = error.get("details")
    field = details.get("field") if isinstance(details, dict) else ""
    return Answer(
        status,
        data,
        str(error.get("code") or ""),
        str(error.get("message") or ""),
        str(field or ""),
    )
