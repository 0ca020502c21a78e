"""`sidecar routes`: the routing table."""

from sidecar.hub.routing import ROUTES
from sidecar.settings import Settings


def run(_settings: Settings) -> int:
    """Print (source, action) → crew, one a line."""
    for (source, action), crew in ROUTES.items():
        print(f"{source:<10} {action:<24} {crew}")
    return 0
