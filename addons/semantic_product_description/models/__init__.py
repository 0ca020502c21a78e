from . import ai_job
from . import product_ai_description
from . import product_template
