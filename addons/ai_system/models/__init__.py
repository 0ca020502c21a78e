from . import ai_tenant
from . import ai_tenant_connection
from . import ai_channel
from . import ai_job
from . import ai_job_sender
from . import ai_facade
from . import product_template
from . import res_users
