import re

from odoo import api, fields, models

from ..exceptions import InvalidResult

PARTS = [
    ("sidecar", "AI service"),
    ("redis", "Redis"),
    ("qdrant", "Qdrant"),
    ("llm", "Language model"),
    ("odoo", "Odoo"),
    ("erp", "ERP"),
    ("chatwoot", "Chatwoot"),
]
STATES = [("ok", "OK"), ("off", "Not set up"), ("failed", "Failed")]
MOST_LINES = 200
# As the sidecar tells of an ERP that sends its data.
RECEIVED = re.compile(
    r"(?P<products>\d+) products, (?P<customers>\d+) customers, (?P<orders>\d+) orders received"
)


class AiTenantCheck(models.Model):
    """One line of a connection test; each run replaces the lines of the one before."""

    _name = "ai.tenant.check"
    _description = "AI Connection Check"
    _order = "tenant_id, id"
    _rec_name = "part"

    tenant_id = fields.Many2one("ai.tenant", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    part = fields.Selection(PARTS, required=True)
    name = fields.Char("Of")
    state = fields.Selection(STATES, required=True)
    code = fields.Char()
    technical_message = fields.Text()
    message = fields.Text(compute="_compute_message")
    date = fields.Datetime("Tested on", default=fields.Datetime.now)

    @api.depends("code", "technical_message", "state", "part")
    @api.depends_context("lang")
    def _compute_message(self):
        for check in self:
            check.message = check._sentence()

    def _sentence(self):
        """Return what was seen, or what is wrong, in the language of the context."""
        self.ensure_one()
        env = self.env
        if self.state == "ok":
            return self._sentence_of_received() or self.technical_message
        if self.part == "sidecar":
            url = self.tenant_id.sidecar_url or ""
            sentence = env["ai.job"]._sentence_of(self.code, self.technical_message, url)
            return sentence or self.technical_message
        if self.state == "off":
            return {
                "llm": env._("No language model: answers are composed from your own data."),
                "chatwoot": env._("Not set up yet: open the channel and set it up in Chatwoot."),
            }.get(self.part) or env._("Not set up.")
        sentences = {
            "unauthorized": env._("It refused the key or the password. Enter it again."),
            "upstream_refused": env._("It refused the key or the password. Enter it again."),
            "forbidden": env._("The key is right, but it may not do this."),
            "unavailable": env._("It does not answer. Check its address and that it runs."),
            "unreachable": env._("It does not answer. Check its address and that it runs."),
            "timeout": env._("It did not answer in time."),
            "deadline_exceeded": env._("It did not answer in time."),
            "not_found": env._("It answers, but what was asked for does not exist there."),
            "upstream_error": env._("It answered with an error."),
            "not_configured": env._("Something is missing in its settings."),
        }
        known = sentences.get(self.code)
        parts = [known, self.technical_message] if known else [self.technical_message]
        return " ".join(part for part in parts if part) or env._("It failed.")

    def _sentence_of_received(self):
        """Return what an ERP has sent so far, False for any other part."""
        told = self.part == "erp" and RECEIVED.fullmatch(self.technical_message or "")
        if not told:
            return False
        if not any(int(count) for count in told.groups()):
            return self.env._(
                "Ready, but nothing was received yet. Give the ERP its key and let it send."
            )
        return self.env._(
            "Received: %(products)s products, %(customers)s customers, %(orders)s orders.",
            **told.groupdict(),
        )


class AiTenant(models.Model):
    _inherit = "ai.tenant"

    check_ids = fields.One2many("ai.tenant.check", "tenant_id", "Connection Test")
    is_testing = fields.Boolean(compute="_compute_is_testing")
    check_summary = fields.Char("Connections", compute="_compute_check_summary")
    check_failed = fields.Boolean(compute="_compute_check_summary")

    @api.depends("check_ids.state", "check_ids.part", "check_ids.name")
    @api.depends_context("lang")
    def _compute_check_summary(self):
        labels = dict(self.env["ai.tenant.check"]._fields["part"]._description_selection(self.env))
        for tenant in self:
            # Sudo: the lines are the managers'; whoever sees the tenant may know how many fail.
            lines = tenant.sudo().check_ids
            used = lines.filtered(lambda line: line.state != "off")
            failed = used.filtered(lambda line: line.state == "failed")
            tenant.check_failed = bool(failed)
            if failed:
                names = dict.fromkeys(line.name or labels[line.part] for line in failed)
                tenant.check_summary = self.env._(
                    "Not working: %(names)s (%(count)s of %(total)s parts)",
                    count=len(failed),
                    total=len(used),
                    names=", ".join(names),
                )
            elif used:
                tenant.check_summary = self.env._(
                    "%(count)s of %(total)s parts answer", count=len(used), total=len(used)
                )
            else:
                tenant.check_summary = False

    @api.depends("job_ids.state")
    def _compute_is_testing(self):
        jobs = self.env["ai.job"].search(
            [
                ("tenant_id", "in", self.ids),
                ("action", "=", "test_connection"),
                ("state", "in", ("pending", "sent")),
            ]
        )
        for tenant in self:
            tenant.is_testing = tenant in jobs.tenant_id

    def action_test_connection(self):
        """Have every part tested by the sidecar; the lines appear as the answer arrives."""
        self.check_access("write")
        for tenant in self:
            if tenant._client() is None:
                tenant._set_checks([{"part": "sidecar", "state": "off", "code": "not_connected"}])
                tenant._audit("test_connection", tenant.name, "error", "not_connected")
                continue
            tenant._set_checks([])
            self.env["ai.job"]._enqueue(tenant, "test_connection", {}, record=tenant)
        return True

    def _set_checks(self, lines):
        """Replace the tenant's lines by `lines`: values of ai.tenant.check."""
        self.ensure_one()
        # Sudo: nobody writes such lines by hand; a person's test or the sender brings them.
        checks = self.env["ai.tenant.check"].sudo()
        checks.search([("tenant_id", "=", self.id)]).unlink()
        checks.create([{"tenant_id": self.id, **line} for line in lines])

    def _sidecar_failed(self, code, message):
        self._set_checks(
            [
                {
                    "part": "sidecar",
                    "state": "failed",
                    "code": code,
                    "technical_message": message,
                }
            ]
        )

    def _apply_checks(self, result):
        """Show what the sidecar found. Raises InvalidResult for another shape."""
        self.ensure_one()
        lines = result.get("checks")
        if not isinstance(lines, list) or len(lines) > MOST_LINES:
            raise InvalidResult("checks is not a list")
        parts, states = dict(PARTS), dict(STATES)
        values = [
            {"part": "sidecar", "state": "ok", "technical_message": self.sidecar_url},
        ]
        for line in lines:
            if (
                not isinstance(line, dict)
                or line.get("part") not in parts
                or line.get("state") not in states
            ):
                raise InvalidResult("a check names no known part or state")
            values.append(
                {
                    "part": line["part"],
                    "name": str(line.get("name") or "")[:200],
                    "state": line["state"],
                    "code": str(line.get("code") or "")[:64],
                    "technical_message": str(line.get("message") or "")[:500],
                }
            )
        self._set_checks(values)
