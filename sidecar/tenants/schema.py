"""The tenant document: what a tenant's configuration and a push from Odoo may say.

Known keys are checked strictly (no "yes" for true); unknown ones are kept, since a person may have
added them by hand, except in agents. Secrets are never in it: keys ending in `_ref` name them.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from sidecar.context import TenantContext
from sidecar.errors import ConfigInvalid
from sidecar.tenants.desk import Conversation, McpKey, Mode, Tools
from sidecar.tenants.kinds import (
    CREW_ALIASES,
    CrewName,
    Id,
    Part,
    Phone,
    Prefix,
    Reference,
    SafeName,
    Sha256,
    Timezone,
    ToolName,
    Url,
)
from sidecar.tenants.pushing import PushingErp
from sidecar.tenants.values import below, check_values, invalid

_ACCOUNT_LIKE = re.compile(r"account_[0-9]+")
_LONGEST_TTL = 30 * 86400


class AgentText(BaseModel):
    """What one agent is told to be. Absent parts come from the sidecar's own definitions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = ""
    role: str = ""
    goal: str = ""
    backstory: str = ""
    verbose: bool = False
    tools: list[ToolName] | None = None


class CrewConfig(Part):
    enabled: bool = True
    name: str = ""
    description: str = ""
    agents: list[AgentText] = []


class OdooConfig(Part):
    """A login at an Odoo. timeout: seconds per call."""

    url: Url
    db: str = Field(min_length=1)
    username: str = Field(min_length=1)
    credential_ref: Reference = "odoo_api_key"
    timeout: float = Field(10, gt=0, le=120)
    verify_ssl: bool = True


class Control(Part):
    """The Odoo that holds our addons."""

    config: OdooConfig


class ErpConfig(OdooConfig):
    """transport: protocol, None = the house's. company_id: for an Odoo without our addons, the
    company that is read; None = the login's own.
    """

    transport: Literal["xmlrpc", "json2"] | None = None
    company_id: Id | None = None


class Erp(Part):
    """The Odoo that is read."""

    type: Literal["odoo-mcp"] = "odoo-mcp"
    config: ErpConfig


def _erp_type(given: Any) -> str:
    named = given.get("type", ERP_TYPES[0]) if isinstance(given, dict) else None
    told = named or getattr(given, "type", "")
    return told if told in ERP_TYPES else ""


ERP_TYPES = ("odoo-mcp", "rest-generic")
AnyErp = Annotated[
    Annotated[Erp, Tag("odoo-mcp")] | Annotated[PushingErp, Tag("rest-generic")],
    Discriminator(
        _erp_type,
        custom_error_type="erp_type",
        custom_error_message=f"must be one of {', '.join(ERP_TYPES)}",
    ),
]


class LlmConfig(Part):
    base_url: Url | None = None
    chat_model: str | None = None
    fallback_chat_model: str | None = None
    api_key_ref: Reference | None = None


class Llm(Part):
    config: LlmConfig = LlmConfig()


class RedisConfig(Part):
    """prefix: begins derived keys (None = the account id). ttl: seconds they live."""

    prefix: Prefix | None = None
    ttl: int = Field(86400, ge=60, le=_LONGEST_TTL)


class Redis(Part):
    config: RedisConfig = RedisConfig()


class QdrantConfig(Part):
    collection: SafeName | None = None
    url: Url | None = None
    api_key_ref: Reference | None = None


class Qdrant(Part):
    config: QdrantConfig = QdrantConfig()


class Hook(Part):
    """One webhook of Chatwoot's. Its URL token is known by hash, or named among the secrets."""

    id: Id
    kind: Literal["agent_bot", "account", "api_inbox"] = "agent_bot"
    token_sha256: Sha256 | None = None
    url_token_ref: Reference | None = None
    secret_ref: Reference | None = None


class Channel(Part):
    """One Chatwoot inbox (or all of an account that no other channel names) and its hooks.

    mode: the inbox's own, None for the tenant's.
    """

    id: Id
    name: str = ""
    url: Url
    account_id: Id
    inbox_id: Id | None = None
    sequence: int = 10
    crew: CrewName = "customer_service"
    owner_phones: list[Phone] = []
    owner_crew: CrewName = "analytics"
    mode: Mode | None = None
    signature: Literal["required", "none"] = "required"
    hooks: list[Hook] = []
    bot_token_ref: Reference
    reading_token_ref: Reference | None = None


class Chatwoot(Part):
    channels: list[Channel] = []


class Platform(Part):
    """Any other integration: a marketplace, a social network."""

    enabled: bool = True
    config: dict[str, Any] = {}


class Integrations(Part):
    __pydantic_extra__: dict[str, Platform]

    control: Control | None = None
    mcp: AnyErp | None = None
    llm: Llm = Llm()
    redis: Redis = Redis()
    qdrant: Qdrant = Qdrant()
    chatwoot: Chatwoot = Chatwoot()

    @property
    def platforms(self) -> dict[str, Platform]:
        """The other integrations, by key."""
        return dict(self.__pydantic_extra__ or {})


class Tenant(Part):
    """A tenant's whole document."""

    account_id: SafeName
    name: str = Field(min_length=1)
    client_name: str = ""
    domain: SafeName
    version: int = Field(1, ge=1)
    language: str = Field("pt_BR", pattern=r"^[a-z]{2,3}(_[A-Z0-9]{2,3})?(@[a-z]+)?$")
    timezone: Timezone = "America/Sao_Paulo"
    currency: str = Field("BRL", pattern=r"^[A-Z]{3}$")
    company_id: Id | None = None
    include_shared_records: bool = False
    availability: Literal["in_stock", "any"] = "in_stock"
    crews: dict[CrewName, CrewConfig] = {}
    tools: Tools = Tools()
    mcp_keys: list[McpKey] = []
    conversation: Conversation = Conversation()
    integrations: Integrations = Integrations()

    @property
    def context(self) -> TenantContext:
        """The tenant as the layers below know it."""
        qdrant = self.integrations.qdrant.config
        return TenantContext(
            account_id=self.account_id,
            company_id=self.company_id,
            language=self.language,
            timezone=self.timezone,
            currency=self.currency,
            collection=qdrant.collection,
            include_shared_records=self.include_shared_records,
            qdrant_url=qdrant.url,
            qdrant_key_ref=qdrant.api_key_ref,
            prefix=self.prefix,
        )

    @property
    def prefix(self) -> str:
        """Begins the Redis keys of what is derived from this document."""
        return self.integrations.redis.config.prefix or self.account_id

    @property
    def channels(self) -> list[Channel]:
        """All channels, in the document's order."""
        return self.integrations.chatwoot.channels

    def channel(self, channel_id: int) -> Channel | None:
        """The channel of that id, or None when it was removed meanwhile."""
        return next((c for c in self.channels if c.id == channel_id), None)


def parse_tenant(document: Any) -> Tenant:
    """Validate a tenant document; ConfigInvalid's `details.field` names the first wrong field."""
    check_values(document)
    try:
        tenant = Tenant.model_validate(document)
    except ValidationError as error:
        raise _first_problem(error) from None
    _check_names(document)
    _check_prefix(tenant)
    _check_channels(tenant)
    _check_mcp_keys(tenant)
    return tenant


def _check_names(document: dict[str, Any]) -> None:
    crews = document.get("crews") or {}
    for alias, name in CREW_ALIASES.items():
        if alias in crews and name in crews:
            raise invalid(f"crews.{alias}", f"is the same crew as {name}; keep one of them")
    redis = (document.get("integrations") or {}).get("redis") or {}
    for key in ("host", "port", "db"):
        if (redis.get("config") or {}).get(key) is not None:
            raise invalid(f"integrations.redis.config.{key}", REDIS_REFUSED)


def _check_prefix(tenant: Tenant) -> None:
    # another tenant may come to have that account id, and its own prefix by default
    if _ACCOUNT_LIKE.fullmatch(tenant.prefix) and tenant.prefix != tenant.account_id:
        raise invalid("integrations.redis.config.prefix", "looks like another tenant's account id")


REDIS_REFUSED = (
    "a tenant cannot have a Redis of its own: messages are kept in one store, which the operator"
    " sets with CHATWOOTAI_STATE_URL"
)


def _check_channels(tenant: Tenant) -> None:
    """Ids and URL tokens are one channel's; every hook says how its token is known."""
    field = "integrations.chatwoot.channels"
    ids: set[int] = set()
    tokens: set[str] = set()
    for number, channel in enumerate(tenant.channels):
        path = below(field, number)
        if channel.id in ids:
            raise invalid(f"{path}.id", "another channel has this id")
        ids.add(channel.id)
        for place, hook in enumerate(channel.hooks):
            where = f"{path}.hooks[{place}]"
            token = hook.token_sha256 or hook.url_token_ref
            if token is None:
                raise invalid(f"{where}.token_sha256", "the hook needs its URL token's hash")
            if token in tokens:
                raise invalid(f"{where}.token_sha256", "another hook has this URL token")
            tokens.add(token)


def _check_mcp_keys(tenant: Tenant) -> None:
    ids: set[int] = set()
    hashes: set[str] = set()
    for number, key in enumerate(tenant.mcp_keys):
        path = f"mcp_keys[{number}]"
        if key.id in ids:
            raise invalid(f"{path}.id", "another key has this id")
        if key.sha256 in hashes:
            raise invalid(f"{path}.sha256", "another key has this hash")
        ids.add(key.id)
        hashes.add(key.sha256)


def _first_problem(error: ValidationError) -> ConfigInvalid:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ""
    for part in first["loc"]:
        if part not in ("[key]", *ERP_TYPES):
            field = below(field, part)
    if first["type"] == "erp_type":
        field = below(field, "type")
    if first["type"] == "extra_forbidden":
        return invalid(field, "is not a key that is known here")
    return invalid(field or "document", first["msg"].removeprefix("Value error, "))
