"""Tenant documents for tests."""

from hashlib import sha256
from typing import Any

TOKEN = "t" * 43


def tenant_document(account_id: str = "account_1", **changes: Any) -> dict[str, Any]:
    """A complete tenant document with one Chatwoot channel (URL token `TOKEN`)."""
    return {
        "version": 1,
        "account_id": account_id,
        "name": "Casa Teste",
        "domain": "furniture",
        "language": "pt_BR",
        "timezone": "America/Sao_Paulo",
        "currency": "BRL",
        "company_id": 2,
        "crews": {
            "customer_service": {"enabled": True},
            "product_management": {"enabled": True},
        },
        "integrations": {
            "mcp": {
                "type": "odoo-mcp",
                "config": {"url": "http://127.0.0.1:1", "db": "d", "username": "bot"},
            },
            "chatwoot": {
                "channels": [
                    {
                        "id": 7,
                        "url": "http://127.0.0.1:1",
                        "account_id": 1,
                        "inbox_id": 3,
                        "hooks": [
                            {
                                "id": 12,
                                "kind": "agent_bot",
                                "token_sha256": sha256(TOKEN.encode()).hexdigest(),
                                "secret_ref": "hook_secret",
                            }
                        ],
                        "bot_token_ref": "bot_token",
                        "reading_token_ref": "reading_token",
                    }
                ]
            },
        },
        **changes,
    }
