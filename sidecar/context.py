"""The tenant, carried explicitly through every layer."""

import re
from dataclasses import dataclass

from sidecar.errors import BadRequest

ACCOUNT_ID = re.compile(r"[a-z][a-z0-9_]{0,62}")


def check_account_id(value: object) -> str:
    """Return `value` when it is an account id (`account_1`); raise BadRequest otherwise.

    The shape keeps an id harmless as a folder name, a Redis key and a Qdrant payload value.
    """
    if isinstance(value, str) and ACCOUNT_ID.fullmatch(value):
        return value
    raise BadRequest("account_id must be lower-case letters, digits and underscores (account_1).")


@dataclass(frozen=True, slots=True)
class TenantContext:
    """Who a piece of work is done for. Built from the tenant's configuration, never from a message.

    account_id: internal id (`account_1`), the key of everything.
    company_id: the tenant's company in its Odoo database; None = the login's own.
    language:   Odoo language code (`pt_BR`, `en_US`).
    timezone:   IANA name.
    currency:   ISO 4217 code of the company.
    collection: a Qdrant collection of the tenant's own, or None for the shared one.
    qdrant_url: a Qdrant server of the tenant's own, or None for the house's.
    qdrant_key_ref: name of that server's key among the tenant's secrets.
    prefix:     begins the keys of what is derived (crew definitions, caches); "" = account_id.
    include_shared_records: whether products without a company are visible (off by default).
    """

    account_id: str
    company_id: int | None
    language: str
    timezone: str
    currency: str
    collection: str | None = None
    include_shared_records: bool = False
    qdrant_url: str | None = None
    qdrant_key_ref: str | None = None
    prefix: str = ""

    def __post_init__(self) -> None:
        check_account_id(self.account_id)
        if not self.prefix:
            object.__setattr__(self, "prefix", self.account_id)  # the class is frozen

    @property
    def language_code(self) -> str:
        """ISO 639-1 part of the language (`pt`)."""
        return self.language.split("_")[0].lower()
