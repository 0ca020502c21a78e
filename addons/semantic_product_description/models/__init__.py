from . import ai_job, product_ai_description, product_template
