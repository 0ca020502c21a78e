from . import ai_rule_preview, ai_rule_template_wizard
