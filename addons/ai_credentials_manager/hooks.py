"""Secrets move into the vault when the addon comes, and are gone when it leaves."""

import logging

_logger = logging.getLogger(__name__)


def post_init_hook(env):
    """Move the secrets that ai_system keeps in the system parameters into the vault.

    Raises UserError, and the installation is refused, when there are some and no key for them.
    """
    parameters = env["ir.config_parameter"].sudo()
    for tenant in env["ai.tenant"].with_context(active_test=False).search([]):
        prefix = tenant._secret_key("")
        pattern = prefix.replace("_", r"\_") + "%"
        for parameter in parameters.search([("key", "=like", pattern)]):
            if parameter.value:
                tenant._set_secret(parameter.key.removeprefix(prefix), parameter.value)
            parameter.unlink()


def uninstall_hook(env):
    """Say that the secrets go with the addon, and disconnect the tenants that need them."""
    tenants = env["ai.tenant"].with_context(active_test=False).search([])
    count = env["ai.credential.line"].search_count([("is_set", "=", True)])
    _logger.warning(
        "the credentials manager is uninstalled: %d secrets of %d tenants are gone with the vault",
        count,
        len(tenants),
    )
    for tenant in tenants.filtered(lambda tenant: tenant.state != "not_connected"):
        tenant.action_disconnect()
        tenant.error_text = tenant.with_context(lang=tenant.language).env._(
            "The credentials manager was uninstalled and the secrets are gone with it. Connect "
            "the tenant again with a new token from “sidecar enroll”, and enter the tokens of the "
            "channels again."
        )
