"""The platforms of credentials and the parameters that each of them asks for."""

import re

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

PLATFORMS = [
    ("facebook", "Facebook"),
    ("instagram", "Instagram"),
    ("twitter", "X (Twitter)"),
    ("mercado_livre", "Mercado Livre"),
    ("amazon", "Amazon"),
    ("shopee", "Shopee"),
    ("whatsapp_business", "WhatsApp Business"),
    ("telegram", "Telegram"),
    ("chatwoot", "Chatwoot"),
    ("openai", "OpenAI and Compatible"),
    ("odoo", "Odoo"),
    ("other", "Other"),
    ("ai_service", "AI Service"),
]
KINDS = [
    ("social", "Social Networks"),
    ("marketplace", "Marketplaces"),
    ("messaging", "Messaging"),
    ("ai_erp", "AI and ERP"),
    ("other", "Other"),
    ("internal", "Internal"),
]
KIND_OF = {
    "facebook": "social",
    "instagram": "social",
    "twitter": "social",
    "mercado_livre": "marketplace",
    "amazon": "marketplace",
    "shopee": "marketplace",
    "whatsapp_business": "messaging",
    "telegram": "messaging",
    "chatwoot": "messaging",
    "openai": "ai_erp",
    "odoo": "ai_erp",
    "other": "other",
    "ai_service": "internal",
}
INTERNAL = "ai_service"

# What the tenant document already says in another way (docs/contracts.md).
NOT_IN_DOCUMENT = frozenset(
    {
        *("ai_service", "chatwoot", "odoo", "openai"),
        *("control", "llm", "mcp", "qdrant", "redis"),
    }
)

LABELS = {
    "access_token": _lt("Access token"),
    "access_token_secret": _lt("Access token secret"),
    "api_key": _lt("API key"),
    "api_secret": _lt("API key secret"),
    "app_id": _lt("App ID"),
    "app_secret": _lt("App secret"),
    "bot_token": _lt("Bot token"),
    "bot_username": _lt("Bot name"),
    "business_account_id": _lt("Business account ID"),
    "client_id": _lt("Client ID"),
    "client_secret": _lt("Client secret"),
    "enrollment_token": _lt("Enrollment token"),
    "marketplace_id": _lt("Marketplace ID"),
    "odoo_api_key": _lt("Integration user's API key"),
    "page_id": _lt("Page ID"),
    "partner_id": _lt("Partner ID"),
    "partner_key": _lt("Partner key"),
    "phone_number_id": _lt("Phone number ID"),
    "previous_signing_key": _lt("Previous signing key"),
    "previous_signing_key_id": _lt("Previous signing key: its ID"),
    "qdrant_api_key": _lt("Qdrant API key"),
    "refresh_token": _lt("Refresh token"),
    "seller_id": _lt("Seller ID"),
    "shop_id": _lt("Shop ID"),
    "signing_key": _lt("Signing key"),
    "signing_key_id": _lt("Signing key: its ID"),
}
# What Chatwoot's channel mappings keep here is numbered by hook or channel.
NUMBERED_LABELS = (
    (re.compile(r"chatwoot_hook_(\d+)"), _lt("Webhook secret of hook %s")),
    (re.compile(r"chatwoot_bot_token_(\d+)"), _lt("Bot token of channel %s")),
    (re.compile(r"chatwoot_reading_token_(\d+)"), _lt("Reading token of channel %s")),
)

# What a new credential asks for: public parameters, then secrets.
PARAMETERS = {
    "facebook": (("app_id", "page_id"), ("app_secret", "access_token")),
    "instagram": (("app_id", "business_account_id"), ("app_secret", "access_token")),
    "twitter": ((), ("api_key", "api_secret", "access_token", "access_token_secret")),
    "mercado_livre": (("app_id",), ("client_secret", "access_token", "refresh_token")),
    "amazon": (("seller_id", "marketplace_id", "client_id"), ("client_secret", "refresh_token")),
    "shopee": (("partner_id", "shop_id"), ("partner_key", "access_token", "refresh_token")),
    "whatsapp_business": (
        ("phone_number_id", "business_account_id"),
        ("app_secret", "access_token"),
    ),
    "telegram": (("bot_username",), ("bot_token",)),
    "openai": ((), ("api_key",)),
    "odoo": ((), ("api_key",)),
}

# References that the tenant document fixes: {(platform, parameter): ref}.
FIXED_REFS = {("openai", "api_key"): "llm_api_key", ("odoo", "api_key"): "erp_api_key"}
QDRANT_REF = "qdrant_api_key"


def default_ref(code: str, name: str) -> str:
    """Return the ref of the parameter `name` of the credential called `code` in the document."""
    return FIXED_REFS.get((code, name), f"{code}_{name}")


def place_of_ref(ref: str) -> tuple[str, str]:
    """Return (platform, name of the parameter) for a secret that Odoo itself keeps under `ref`."""
    for (platform, name), fixed in FIXED_REFS.items():
        if ref == fixed:
            return platform, name
    if ref == QDRANT_REF:
        return "other", ref
    return ("chatwoot" if ref.startswith("chatwoot_") else INTERNAL), ref


def label_of(env, name: str) -> str:
    """Return what the parameter `name` is called, in the language of `env`."""
    if name in LABELS:
        return env._(LABELS[name])
    for pattern, label in NUMBERED_LABELS:
        if match := pattern.fullmatch(name):
            text = env._(label)
            return text % match[1]
    return name.replace("_", " ").capitalize()


def slug(text: str) -> str:
    """Return `text` as a name for the tenant document: small letters, digits, underscores."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:63]
