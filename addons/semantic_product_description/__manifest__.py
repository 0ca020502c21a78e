{
    "name": "Semantic Product Description",
    "summary": "Product descriptions written by the AI service, versioned and approved by a person",
    "version": "19.0.1.0.0",
    "category": "Productivity",
    "license": "LGPL-3",
    "author": "ChatwootAI",
    "depends": ["ai_system", "product"],
    "data": [
        "security/ir.model.access.csv",
        "security/product_ai_description_rules.xml",
        "views/product_ai_description_views.xml",
        "views/product_template_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["semantic_product_description/static/tests/tours/**/*"],
    },
}
