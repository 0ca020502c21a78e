from . import (
    ai_job,
    ai_product_run,
    ai_product_run_estimate,
    ai_product_run_line,
    ai_product_run_lines,
    ai_product_run_steps,
    ai_product_run_texts,
    ai_text_rule,
    product_ai_price,
    product_template_badges,
    product_template_mass,
    product_template_price,
)
