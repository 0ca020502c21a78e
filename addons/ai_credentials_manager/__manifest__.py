{
    "name": "AI Credentials Manager",
    "summary": "The AI's keys and tokens in a vault: encrypted, write-only, leased and audited",
    "version": "19.0.1.0.0",
    "category": "Productivity",
    "license": "LGPL-3",
    "author": "ChatwootAI",
    "depends": ["ai_system"],
    "external_dependencies": {"python": ["cryptography"]},
    "data": [
        "security/ir.model.access.csv",
        "security/ai_credentials_rules.xml",
        "data/ir_cron.xml",
        "data/ir_cron_audit.xml",
        "views/ai_credential_views.xml",
        "views/ai_credential_rotation_views.xml",
        "views/ai_audit_log_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["ai_credentials_manager/static/tests/tours/**/*"],
    },
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
