{
    "name": "Semantic Product Description",
    "summary": "Product texts whose every claim has a source, reviewed and approved by people",
    "version": "19.0.1.0.0",
    "category": "Productivity",
    "license": "LGPL-3",
    "author": "ChatwootAI",
    "depends": ["ai_system", "product"],
    "data": [
        "security/ir.model.access.csv",
        "security/semantic_product_description_rules.xml",
        "wizards/wizard_views.xml",
        "views/product_ai_description_views.xml",
        "views/ai_studio_views.xml",
        "views/product_template_views.xml",
    ],
    "assets": {
        "web.assets_backend": ["semantic_product_description/static/src/**/*"],
        "web.assets_tests": ["semantic_product_description/static/tests/tours/**/*"],
    },
    "post_init_hook": "post_init_hook",
}
