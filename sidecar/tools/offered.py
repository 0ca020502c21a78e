"""Parts of an answer that not every ERP can give."""

from collections.abc import Callable
from typing import Any

from sidecar.errors import NotOffered


def offered(read: Callable[..., Any], *arguments: Any) -> Any:
    """What `read` gives; None where the tenant's ERP does not offer it."""
    try:
        return read(*arguments)
    except NotOffered:
        return None
