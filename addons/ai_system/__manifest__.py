{
    "name": "AI System",
    "summary": "Tenants, channels and jobs of the AI customer-service desk and content studio",
    "version": "19.0.1.0.0",
    "category": "Productivity",
    "license": "LGPL-3",
    "author": "ChatwootAI",
    # `rpc` serves the XML-RPC calls that the sidecar makes; `stock` gives the free quantity.
    "depends": ["mail", "product", "rpc", "stock"],
    "external_dependencies": {"python": ["requests"]},
    "data": [
        "security/ai_system_groups.xml",
        "security/ir.model.access.csv",
        "security/ai_system_rules.xml",
        "data/ir_cron.xml",
        "wizards/ai_tenant_connect_views.xml",
        "views/ai_job_views.xml",
        "views/ai_channel_views.xml",
        "views/ai_tenant_views.xml",
        "views/ai_system_menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["ai_system/static/src/jobs/**/*"],
        "web.assets_tests": ["ai_system/static/tests/tours/**/*"],
    },
    "application": True,
}
