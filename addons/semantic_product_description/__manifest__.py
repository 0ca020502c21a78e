{
    "name": "AI Product Descriptions",
    "summary": "Product texts written by the AI service, reviewed by people",
    "version": "19.0.1.0.0",
    "category": "Productivity",
    "license": "LGPL-3",
    "author": "ChatwootAI",
    "depends": ["ai_system", "product"],
    "data": [
        "security/ir.model.access.csv",
        "security/semantic_product_description_rules.xml",
        "views/product_ai_description_views.xml",
        "views/product_template_views.xml",
    ],
    "installable": True,
}
