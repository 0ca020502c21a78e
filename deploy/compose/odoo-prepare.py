# ruff: noqa: F821
"""Read by `odoo shell`: what Odoo's command line cannot set."""

import os

parameters = env["ir.config_parameter"].sudo()
parameters.set_param("web.base.url", os.environ["ODOO_PUBLIC_URL"])
parameters.set_param("web.base.url.freeze", "True")
parameters.set_param("ai_system.odoo_url_for_sidecar", os.environ["ODOO_RPC_URL"])
if not parameters.get_param("chatwootai.prepared"):
    # once: a password changed later in Odoo stays
    administrator = env.ref("base.user_admin")
    administrator.write({"login": "admin", "password": os.environ["ODOO_ADMIN_PASSWORD"]})
    parameters.set_param("chatwootai.prepared", "yes")
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
