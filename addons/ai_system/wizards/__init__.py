from . import ai_channel_setup, ai_tenant_configuration, ai_tenant_connect
