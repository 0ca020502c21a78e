"""Several reading calls of the façade in one round trip (`batch`, docs/tools.md)."""

from collections.abc import Callable, Sequence
from typing import Any

from sidecar.erp.methods import Call
from sidecar.errors import Forbidden, NotFound, SidecarError, Unprocessable, UpstreamError

_KINDS: dict[str, tuple[type[SidecarError], str]] = {
    "forbidden": (Forbidden, "Odoo does not let the integration user do this."),
    "not_found": (NotFound, "The record does not exist in Odoo any more."),
}
_FAILED = "Odoo failed while answering; its log has the reason."


def answers_of(
    calls: Sequence[Call], told: Any, declined: Callable[[str], SidecarError]
) -> list[Any]:
    """Each call's value, or its error; UpstreamError for an answer of another shape."""
    if not isinstance(told, list) or len(told) != len(calls):
        raise UpstreamError("Odoo's answer to a batch has another shape.")
    return [
        one["value"] if one.get("ok") else _error(call, one, declined)
        for call, one in zip(calls, told, strict=True)
    ]


def _error(
    call: Call, one: dict[str, Any], declined: Callable[[str], SidecarError]
) -> SidecarError:
    kind = one.get("kind")
    if kind == "not_offered":
        return declined(call.method)
    if kind == "refused":  # a UserError: its sentence may be shown
        return Unprocessable(str(one.get("message"))[:300])
    known = _KINDS.get(str(kind))
    return known[0](known[1]) if known else UpstreamError(_FAILED)
