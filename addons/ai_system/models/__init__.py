from . import (
    ai_channel,
    ai_facade,
    ai_job,
    ai_job_sender,
    ai_tenant,
    ai_tenant_connection,
    ai_tenant_secrets,
    product_template,
    res_users,
)
