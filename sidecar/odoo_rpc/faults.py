"""What Odoo answers instead of a value, as named errors: never its traceback.

The sentence of a UserError of our façade is meant for whoever called and is passed on; other
models' texts are not.
"""

import re

from sidecar.errors import (
    Forbidden,
    NotFound,
    SidecarError,
    Unavailable,
    Unprocessable,
    UpstreamError,
    UpstreamRefused,
)

FACADE = "ai.facade"
REFUSED = "Odoo refused the integration user's key; connect again."
FAILED = "Odoo failed while answering; its log has the reason."
_LONGEST = 300

_NAMED: dict[str, tuple[type[SidecarError], str]] = {
    "AccessDenied": (UpstreamRefused, REFUSED),
    "AccessError": (Forbidden, "Odoo does not let the integration user do this."),
    "MissingError": (NotFound, "The record does not exist in Odoo any more."),
}
_NO_MODEL = re.compile(r"Object \S+ doesn't exist")
_NO_METHOD = re.compile(r"AttributeError: The method '\S+' does not exist")
_GONE = re.compile(r"Record does not exist or has been deleted\.")


class NoSuchMethod(UpstreamError):
    """That Odoo has no such model or method: an addon is missing there."""

    default_message = "That Odoo does not have the method; an addon is missing there."


def from_fault(model: str, code: int, text: str) -> SidecarError:
    """The error of an XML-RPC fault.

    Codes of `/xmlrpc/2`: 1 any other exception, with its traceback; 2 UserError; 3 AccessDenied;
    4 AccessError.
    """
    if code == 3:
        return _named("AccessDenied")
    if code == 4:
        return _named("AccessError")
    if code == 2:
        if _NO_MODEL.match(text):
            return NoSuchMethod()
        return _named("MissingError") if _GONE.match(text) else refused(model, text)
    end = text[-2000:]
    if _NO_METHOD.search(end):
        return NoSuchMethod()
    for name in _NAMED:
        if name in end:
            return _named(name)
    return UpstreamError(FAILED)


def from_status(model: str, status: int, name: str, text: str) -> SidecarError:
    """The error of a JSON-2 answer: `name` is the exception's class with its module."""
    if name.startswith("odoo.exceptions."):
        short = name.rpartition(".")[2]
        return _named(short) if short in _NAMED else refused(model, text)
    if status == 401:
        return _named("AccessDenied")
    if status == 404:
        return NoSuchMethod()
    if status == 422:  # arguments that the method does not have
        return UpstreamError("Odoo does not take these arguments; its addons are of another time.")
    if name:
        return UpstreamError(FAILED)
    return Unavailable(f"Odoo answered HTTP {status}.")


def refused(model: str, text: str) -> SidecarError:
    """A UserError: its first line, where it is our façade's own."""
    first = text.strip().partition("\n")[0].strip()[:_LONGEST]
    if model == FACADE and first:
        return Unprocessable(first)
    return UpstreamError("Odoo refused the call; its log has the reason.")


def _named(name: str) -> SidecarError:
    kind, message = _NAMED[name]
    return kind(message)
