"""The sidecar's errors, and how each one meets the outside world.

    SidecarError                    500 internal_error
    ├── BadRequest                  400 bad_request
    ├── Unauthorized                401 unauthorized      (uniform: never says which check failed)
    ├── Forbidden                   403 forbidden
    │   └── CrewDisabled            403 crew_disabled
    ├── NotFound                    404 not_found
    │   └── UnknownAccount          404 unknown_account
    ├── Conflict                    409 conflict
    ├── PayloadTooLarge             413 payload_too_large
    ├── Unprocessable               422 unprocessable
    │   └── ConfigInvalid           422 config_invalid    (details.field names the field)
    ├── TooManyRequests             429 too_many_requests
    ├── UpstreamError               502 upstream_error    (Odoo, LLM, Qdrant, Chatwoot)
    │   ├── UpstreamRefused         502 upstream_refused  (our credentials were refused)
    │   ├── NotConfigured           502 not_configured    (nothing is set up there)
    │   └── NotOffered              502 not_offered       (this ERP has no such thing)
    ├── Unavailable                 503 unavailable       (cannot be reached: retry)
    └── DeadlineExceeded            504 deadline_exceeded

`code` is stable and machine-readable; `message` is an English sentence that says what to do and
never holds a secret, a traceback or another party's raw text.
"""

from typing import Any


class SidecarError(Exception):
    """Base of all named errors. `details` is JSON-serializable and safe to show."""

    status = 500
    code = "internal_error"
    default_message = "Something failed inside the sidecar; the request id finds it in the log."

    def __init__(self, message: str | None = None, **details: Any):
        self.message = message or self.default_message
        self.details = details
        super().__init__(self.message)

    def as_dict(self) -> dict[str, Any]:
        """The `error` object of the JSON envelope."""
        return {"code": self.code, "message": self.message, "details": self.details}


class BadRequest(SidecarError):
    status, code = 400, "bad_request"
    default_message = "The request is malformed."


class Unauthorized(SidecarError):
    status, code = 401, "unauthorized"
    default_message = "The request is not authenticated."


class Forbidden(SidecarError):
    status, code = 403, "forbidden"
    default_message = "The caller may not do this."


class CrewDisabled(Forbidden):
    code = "crew_disabled"
    default_message = "The crew is not enabled for this account."


class NotFound(SidecarError):
    status, code = 404, "not_found"
    default_message = "There is no such thing."


class UnknownAccount(NotFound):
    code = "unknown_account"
    default_message = "No tenant has this account id; enroll it first."


class Conflict(SidecarError):
    status, code = 409, "conflict"
    default_message = "The request conflicts with the current state."


class PayloadTooLarge(SidecarError):
    status, code = 413, "payload_too_large"
    default_message = "The body is larger than the limit."


class Unprocessable(SidecarError):
    status, code = 422, "unprocessable"
    default_message = "The request is well formed but cannot be processed."


class ConfigInvalid(Unprocessable):
    code = "config_invalid"
    default_message = "The tenant's configuration is invalid."


class TooManyRequests(SidecarError):
    status, code = 429, "too_many_requests"
    default_message = "Too many requests; slow down."


class UpstreamError(SidecarError):
    status, code = 502, "upstream_error"
    default_message = "A service behind the sidecar answered with an error."


class UpstreamRefused(UpstreamError):
    code = "upstream_refused"
    default_message = "A service behind the sidecar refused our credentials."


class NotConfigured(UpstreamError):
    code = "not_configured"
    default_message = "The service is not configured."


class NotOffered(UpstreamError):
    code = "not_offered"
    default_message = "The tenant's ERP does not offer this."


class Unavailable(SidecarError):
    status, code = 503, "unavailable"
    default_message = "A service behind the sidecar cannot be reached right now."


class DeadlineExceeded(SidecarError):
    status, code = 504, "deadline_exceeded"
    default_message = "The work did not finish within its deadline."
