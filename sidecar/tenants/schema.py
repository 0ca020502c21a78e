"""The tenant document: what a tenant's `config.yaml` and a push from Odoo may say.

Known keys are checked; unknown ones are kept (a person may have added them by hand). Secrets are
never in it: keys ending in `_ref` name them.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sidecar.context import ACCOUNT_ID, TenantContext
from sidecar.errors import ConfigInvalid


def _safe_name(value: str) -> str:
    if not ACCOUNT_ID.fullmatch(value):
        raise ValueError("must be lower-case letters, digits and underscores")
    return value


SafeName = Annotated[str, AfterValidator(_safe_name)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class AgentText(_Part):
    """What one agent is told to be. Absent parts come from the sidecar's own definitions."""

    name: str = ""
    role: str = ""
    goal: str = ""
    backstory: str = ""
    verbose: bool = False
    tools: list[str] | None = None


class CrewConfig(_Part):
    enabled: bool = True
    name: str = ""
    description: str = ""
    agents: list[AgentText] = []


class ErpConfig(_Part):
    url: str = Field(pattern=r"^https?://")
    db: str = Field(min_length=1)
    username: str = Field(min_length=1)
    credential_ref: str = "odoo_api_key"


class Erp(_Part):
    type: Literal["odoo-mcp"] = "odoo-mcp"
    config: ErpConfig


class Channel(_Part):
    """One Chatwoot inbox (or all of an account) and the hook that reports it."""

    id: int
    url: str = Field(pattern=r"^https?://")
    account_id: int = Field(gt=0)
    inbox_id: int | None = None
    crew: SafeName = "customer_service"
    signature: Literal["required", "none"] = "required"
    token_sha256: Sha256
    webhook_secret_ref: str | None = None
    bot_token_ref: str
    reading_token_ref: str | None = None


class Chatwoot(_Part):
    channels: list[Channel] = []


class QdrantConfig(_Part):
    collection: SafeName | None = None


class Qdrant(_Part):
    config: QdrantConfig = QdrantConfig()


class Integrations(_Part):
    mcp: Erp | None = None
    qdrant: Qdrant = Qdrant()
    chatwoot: Chatwoot = Chatwoot()


class Tenant(_Part):
    """A tenant's whole document."""

    account_id: SafeName
    name: str = Field(min_length=1)
    domain: SafeName
    version: int = 1
    language: str = Field("pt_BR", pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")
    timezone: str = "America/Sao_Paulo"
    currency: str = Field("BRL", pattern=r"^[A-Z]{3}$")
    company_id: int = Field(gt=0)
    include_shared_records: bool = False
    crews: dict[SafeName, CrewConfig] = {}
    integrations: Integrations = Integrations()

    @property
    def context(self) -> TenantContext:
        """The tenant as the layers below know it."""
        return TenantContext(
            account_id=self.account_id,
            company_id=self.company_id,
            language=self.language,
            timezone=self.timezone,
            currency=self.currency,
            collection=self.integrations.qdrant.config.collection,
            include_shared_records=self.include_shared_records,
        )

    def channel(self, channel_id: int) -> Channel | None:
        """The channel of that id, or None when it was removed meanwhile."""
        return next((c for c in self.integrations.chatwoot.channels if c.id == channel_id), None)


def parse_tenant(document: Any) -> Tenant:
    """Validate a tenant document; ConfigInvalid's `details.field` names the first wrong field."""
    try:
        return Tenant.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "document"
        raise ConfigInvalid(
            f"The tenant's configuration is invalid: {field}: {first['msg']}.", field=field
        ) from None
