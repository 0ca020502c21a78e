{
    "name": "AI Demo Shops",
    "summary": "Two demo tenants: a Brazilian furniture shop and an English cosmetics shop",
    "version": "19.0.1.0.0",
    "category": "Productivity",
    "license": "LGPL-3",
    "author": "ChatwootAI",
    # `sale_stock` makes the deliveries of the orders; `contacts` gives the customers a menu.
    "depends": ["ai_system", "contacts", "sale_management", "sale_stock"],
    "post_init_hook": "post_init_hook",
}
