{
    "name": "AI System: Sales",
    "summary": "Orders, quotations, invoices and payment links for the AI customer service",
    "version": "19.0.1.0.0",
    "category": "Productivity",
    "license": "LGPL-3",
    "author": "ChatwootAI",
    # `sale_stock` tells deliveries, `account_payment` makes payment links.
    "depends": ["ai_system", "account_payment", "sale_stock"],
    "data": [
        "security/ir.model.access.csv",
        "security/ai_system_sale_rules.xml",
        "views/sale_order_views.xml",
    ],
    "auto_install": True,
}
