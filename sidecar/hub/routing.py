"""Who does what: (source, action) → crew. The one table; `sidecar routes` prints it."""

from sidecar.errors import CrewDisabled, Unprocessable
from sidecar.tenants.schema import Tenant

CUSTOMER_SERVICE = "customer_service"
PRODUCT_MANAGEMENT = "product_management"
HUB = "hub"

ROUTES: dict[tuple[str, str], str] = {
    ("chatwoot", "message"): CUSTOMER_SERVICE,  # or the channel's crew
    ("cli", "chat"): CUSTOMER_SERVICE,
    ("odoo", "generate_description"): PRODUCT_MANAGEMENT,
    ("odoo", "sync_products"): PRODUCT_MANAGEMENT,
    ("odoo", "sync_config"): HUB,
}


def crew_for(source: str, action: str) -> str:
    """The crew (or the Hub itself) that serves an action; Unprocessable for an unknown one."""
    crew = ROUTES.get((source, action))
    if crew is None:
        known = ", ".join(sorted(a for s, a in ROUTES if s == source)) or "none"
        raise Unprocessable(f"Unknown action {action!r} of source {source!r}; known: {known}.")
    return crew


def require_enabled(tenant: Tenant, crew: str) -> None:
    """CrewDisabled unless the tenant lets this crew work."""
    config = tenant.crews.get(crew)
    if config is None or not config.enabled:
        raise CrewDisabled(
            f"Crew {crew} is not enabled for account_id {tenant.account_id}.", crew=crew
        )
