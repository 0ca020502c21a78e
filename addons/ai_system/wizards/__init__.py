from . import ai_channel_setup, ai_product_text, ai_tenant_configuration, ai_tenant_connect
