"""How a tenant meets its sidecar: enrollment, the integration user and its API key."""

from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .. import sidecar_client

KEY_LIFE = timedelta(days=89)  # the group allows 90; a day is left for the clocks
CREDENTIALS = (
    "signing_key",
    "signing_key_id",
    "previous_signing_key",
    "previous_signing_key_id",
    "odoo_api_key",
    "enrollment_token",
)


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiTenant(models.Model):
    _inherit = "ai.tenant"

    integration_user_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
        groups="ai_system.ai_system_group_manager",
        help="The AI service signs in to Odoo as this user. It can read this company's products "
        "and nothing else.",
    )
    key_expiry = fields.Datetime(
        "API Key Expires",
        readonly=True,
        copy=False,
        groups="ai_system.ai_system_group_manager",
        help="A new key is made and sent by itself when a third of the life is left.",
    )

    _integration_user_unique = models.Constraint(
        "UNIQUE(integration_user_id)", "An integration user serves one tenant."
    )

    def action_connect(self):
        """Open the wizard that asks for the enrollment token."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("ai_system.ai_tenant_connect_action")
        return {**action, "context": {"default_tenant_id": self.id}}

    def action_disconnect(self):
        """Forget the sidecar: keys are removed, waiting jobs are cancelled."""
        self.check_access("write")
        for tenant in self:
            tenant.job_ids._cancel(self.env._("The tenant was disconnected."))
            for name in CREDENTIALS:
                tenant._set_secret(name, "")
            tenant._audit("disconnect", tenant.sidecar_url or "")
            tenant._remove_api_keys()
            tenant.write(
                {
                    "state": "not_connected",
                    "sync_state": "not_synced",
                    "sidecar_url": False,
                    "key_expiry": False,
                    "signing_key_date": False,
                    "pushed_document": False,
                    "error_text": False,
                }
            )
            tenant.check_ids.unlink()
        return True

    def _keep_enrollment_token(self, token):
        """Keep the one-time `token` until the sender uses it. Raises UserError for a bad one."""
        self.ensure_one()
        # The storage of secrets asks nobody's rights.
        self.check_access("write")
        try:
            sidecar_client.split_token(token)
        except sidecar_client.UrlRefused as error:
            raise UserError(
                self.env._(
                    "This is not an enrollment token. Run “sidecar enroll” on the machine of the "
                    "AI service and paste the whole line it prints. Its address has to start with "
                    "https:// unless it is this same machine."
                )
            ) from error
        self._set_secret("enrollment_token", token.strip())

    def _start_enrollment(self, token=None):
        """Queue the enrollment with `token`, or with the one kept before; return the job."""
        self.ensure_one()
        self._keep_enrollment_token(token or self._get_secret("enrollment_token"))
        url, _secret = sidecar_client.split_token(self._get_secret("enrollment_token"))
        jobs = self.env["ai.job"].search(
            [("tenant_id", "=", self.id), ("action", "=", "enroll"), ("state", "=", "pending")]
        )
        jobs._cancel(self.env._("A newer enrollment token was entered."))
        self._ensure_integration_user()
        self.write({"state": "connecting", "error_text": False})
        return self.env["ai.job"]._enqueue(self, "enroll", {"url": url}, record=self)

    def _check_connected(self):
        self.ensure_one()
        if self.state != "connected":
            raise UserError(
                self.env._(
                    "“%(tenant)s” is not connected to the AI service. An AI administrator can "
                    "connect it in AI System ▸ Tenants.",
                    tenant=self.name,
                )
            )

    def _client(self):
        """Return the signed client of this tenant, or None while it has no signing key."""
        self.ensure_one()
        keys = self._signing_keys()
        if not (keys and self.sidecar_url):
            return None
        return sidecar_client.SidecarClient(self.sidecar_url, self.account_id, keys)

    def _enrollment_document(self):
        """Return the body of the enrollment (docs/contracts.md); makes the API key if needed."""
        self.ensure_one()
        # Sudo: the database's uuid and the integration user are not for every manager.
        tenant = self.sudo()
        if not tenant._get_secret("odoo_api_key"):
            tenant._new_api_key()
        return {
            "account_id": tenant.account_id,
            "database_uuid": self.env["ir.config_parameter"].sudo().get_param("database.uuid"),
            "odoo": {
                "url": tenant._odoo_url(),
                "db": self.env.cr.dbname,
                "login": tenant.integration_user_id.login,
                "api_key": tenant._get_secret("odoo_api_key"),
            },
            "config": tenant._tenant_document(),
            "secrets": tenant._tenant_secrets(),
        }

    def _apply_enrollment(self, url, version, document, data):
        """Store what the sidecar answered and queue the first synchronization of products."""
        self.ensure_one()
        self._set_secret("enrollment_token", "")
        self._set_secret("previous_signing_key", "")
        self._set_secret("previous_signing_key_id", "")
        self._set_secret("signing_key", data["signing_key"])
        self._set_secret("signing_key_id", data["key_id"])
        self.write(
            {
                "state": "connected",
                "sidecar_url": url,
                "error_text": False,
                "signing_key_date": fields.Datetime.now(),
            }
        )
        self._apply_sync_config(version, document)
        self.env["ai.job"]._enqueue(self, "sync_products", {}, record=self)

    def _fail_enrollment(self, message):
        """Note why the enrollment failed; a tenant that was connected before stays so."""
        self.ensure_one()
        self._set_secret("enrollment_token", "")
        connected = bool(self._client())
        self.write({"state": "connected" if connected else "error", "error_text": message})

    def _ensure_integration_user(self):
        """Create the tenant's integration user, or set an existing one right again."""
        self.ensure_one()
        # Sudo: managers of the AI system do not manage users; the rights are fixed here.
        tenant = self.sudo()
        vals = {
            "active": True,
            "company_id": tenant.company_id.id,
            "company_ids": [Command.set(tenant.company_id.ids)],
            # No base.group_user: an employee reads far more than products.
            "group_ids": [Command.set(self.env.ref("ai_system.ai_system_group_integration").ids)],
            "notification_type": "email",
        }
        if tenant.integration_user_id:
            tenant.integration_user_id.write(vals)
            return
        users = self.env["res.users"].sudo().with_context(no_reset_password=True)
        tenant.integration_user_id = users.create(
            {
                **vals,
                "name": self.env._("AI service (%(account)s)", account=tenant.account_id),
                "login": f"ai-service-{tenant.account_id}",
            }
        )
        # A partner without a company would be visible to every company.
        tenant.integration_user_id.partner_id.company_id = tenant.company_id

    def _new_api_key(self):
        """Make an API key for the integration user; the old one works until _remove_api_keys."""
        self.ensure_one()
        expiry = fields.Datetime.now() + KEY_LIFE
        keys = self.env["res.users.apikeys"].with_user(self.integration_user_id)
        # Scope rpc: the key opens no web session.
        key = keys._generate("rpc", f"AI service {self.account_id}", expiry)
        self._set_secret("odoo_api_key", key)
        self.key_expiry = expiry

    def _newest_api_key_id(self):
        """Return the id of the integration user's newest key, 0 without one."""
        self.ensure_one()
        # Sudo: the keys belong to the integration user.
        keys = self.env["res.users.apikeys"].sudo()
        domain = [("user_id", "=", self.integration_user_id.id), ("scope", "=", "rpc")]
        return keys.search(domain, order="id desc", limit=1).id or 0

    def _remove_api_keys(self, before=None):
        """Remove the integration user's keys, or only those with an id below `before`."""
        self.ensure_one()
        if not self.integration_user_id:
            return
        domain = [("user_id", "=", self.integration_user_id.id)]
        if before is not None:
            domain.append(("id", "<", before))
        # Sudo: the keys belong to the integration user.
        if old := self.env["res.users.apikeys"].sudo().search(domain):
            old._remove()

    @api.model
    def _cron_renew_keys(self):
        """Renew the API keys that have spent two thirds of their life, and push them."""
        limit = fields.Datetime.now() + KEY_LIFE / 3
        tenants = self.search([("state", "=", "connected"), ("key_expiry", "<=", limit)])
        for tenant in tenants:
            tenant._new_api_key()
            tenant._queue_sync_config()
            self.env["ir.cron"]._commit_progress(1)
