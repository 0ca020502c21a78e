{
    "name": "Product AI Mass Management",
    "summary": "AI texts, prices and synchronization of thousands of products at a time",
    "version": "19.0.1.0.0",
    "category": "Productivity",
    "license": "LGPL-3",
    "author": "ChatwootAI",
    # `sale` and `stock` for the menus in Sales and Inventory.
    "depends": ["semantic_product_description", "sale", "stock"],
    "data": [
        "security/ir.model.access.csv",
        "security/product_ai_mass_management_rules.xml",
        "data/ir_cron.xml",
        "views/ai_product_run_views.xml",
        "views/ai_product_run_ask_views.xml",
        "views/ai_text_rule_views.xml",
        "views/product_template_views.xml",
        "views/ai_product_run_line_views.xml",
        "views/menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["product_ai_mass_management/static/src/**/*"],
        "web.assets_tests": ["product_ai_mass_management/static/tests/tours/**/*"],
    },
}
