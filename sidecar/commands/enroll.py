"""`sidecar enroll`: print a one-time enrollment token for Odoo."""

import hashlib
import secrets

from sidecar.context import check_account_id
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store

TOKEN_TTL = 900


def run(settings: Settings, account_id: str | None) -> int:
    """Print `<url>#<secret>`, valid 15 minutes, once; for `account_id` only when it is given."""
    granted = check_account_id(account_id) if account_id else "*"
    secret = secrets.token_urlsafe(32)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    state_store(settings).set(keys.enrollment(digest), granted, ex=TOKEN_TTL)
    print(f"{settings.url_of_web()}#{secret}")
    return 0
