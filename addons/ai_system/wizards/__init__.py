from . import ai_tenant_connect
