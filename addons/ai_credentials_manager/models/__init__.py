from . import (
    ai_audit_log,
    ai_credential,
    ai_credential_line,
    ai_credential_rotation,
    ai_facade,
    ai_nonce,
    ai_tenant,
    ai_tenant_audit,
)
