"""Erasing a customer's data everywhere, with a receipt that names nobody."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

STATES = [("running", "Running"), ("done", "Done"), ("failed", "Failed")]
COUNTS = ("conversations", "keys", "history", "mailbox", "traces", "jobs", "dead_letters")


class AiContactErasure(models.Model):
    """One erasure: which contact of which channel, by its number; the name is not kept."""

    _name = "ai.contact.erasure"
    _description = "Erasure of a Customer's Data"
    _order = "requested_on desc, id desc"

    tenant_id = fields.Many2one(
        "ai.tenant", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    channel_id = fields.Many2one("ai.channel", readonly=True, ondelete="set null")
    contact_number = fields.Integer("Contact No.", readonly=True, aggregator=None)
    user_id = fields.Many2one("res.users", "Requested by", readonly=True)
    requested_on = fields.Datetime(readonly=True, required=True)
    done_on = fields.Datetime(readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="running")
    error_text = fields.Text(readonly=True)
    turn_count = fields.Integer("Conversations Erased in Odoo", readonly=True)
    conversations = fields.Json(
        readonly=True, help="Numbers of the conversations, until the AI service has erased them."
    )
    receipt = fields.Json(readonly=True)
    receipt_html = fields.Html(compute="_compute_receipt_html", sanitize=False)

    @api.depends("contact_number", "channel_id")
    def _compute_display_name(self):
        for erasure in self:
            erasure.display_name = self.env._(
                "Contact %(number)s of %(channel)s",
                number=erasure.contact_number,
                channel=erasure.channel_id.name or "–",
            )

    @api.depends("receipt")
    @api.depends_context("lang")
    def _compute_receipt_html(self):
        labels = {
            "conversations": self.env._("Conversations"),
            "keys": self.env._("Entries in the store"),
            "history": self.env._("Remembered messages"),
            "mailbox": self.env._("Waiting messages"),
            "traces": self.env._("Traces"),
            "jobs": self.env._("Jobs"),
            "dead_letters": self.env._("Undelivered messages"),
        }
        for erasure in self:
            receipt = erasure.receipt or {}
            lines = [(labels[name], receipt[name]) for name in COUNTS if name in receipt]
            erasure.receipt_html = lines and self.env["ir.qweb"]._render(
                "ai_system.erasure_receipt",
                {"lines": lines, "rewritten": receipt.get("append_only_file") == "rewritten"},
            )

    @api.model
    def _start(self, tenant, channel, contact_number):
        """Erase what Odoo holds of the contact and queue the rest; return the erasure."""
        if not self.env.user.has_group("ai_system.ai_system_group_manager"):
            raise AccessError(self.env._("Only administrators of the AI System erase customers."))
        tenant.check_access("write")
        if not channel or not contact_number:
            raise UserError(
                self.env._(
                    "It is not known which contact of which channel this was, so nothing can be "
                    "erased. Older conversations end by themselves after 180 days."
                )
            )
        tenant._check_connected()
        # Sudo: erasures and turns are written by this code only, never by hand.
        erasure = self.sudo().create(
            {
                "tenant_id": tenant.id,
                "channel_id": channel.id,
                "contact_number": contact_number,
                "user_id": self.env.uid,
                "requested_on": fields.Datetime.now(),
            }
        )
        erasure._erase_turns()
        tenant._audit("unlink", f"contact {channel.id}/{contact_number}")
        erasure._queue()
        return erasure.with_env(self.env)

    def action_try_again(self):
        """Ask the AI service once more."""
        self.tenant_id.check_access("write")
        for erasure in self.filtered(lambda erasure: erasure.state == "failed"):
            # Sudo: as in _start.
            erasure.sudo().write({"state": "running", "error_text": False})
            erasure._queue()
        return True

    def _queue(self):
        self.ensure_one()
        params = {"channel_id": self.channel_id.id, "contact_id": self.contact_number}
        return self.env["ai.job"]._enqueue(self.tenant_id, "forget_contact", params, record=self)

    def _erase_turns(self):
        """Erase this contact's turns in Odoo and count them."""
        self.ensure_one()
        siblings = self._channels_alike(self.tenant_id).get(self.channel_id.id, [])
        turns = self.env["ai.conversation.turn"].search(
            [
                ("tenant_id", "=", self.tenant_id.id),
                ("channel_id", "in", siblings),
                ("contact_number", "=", self.contact_number),
                ("at", "<=", self.requested_on),
            ]
        )
        self.turn_count += len(turns)
        self._erase_from_audit(turns)
        turns._erase()

    def _erase_from_audit(self, turns):
        """Let the access log name this erasure instead of the person."""
        told = {turn.conversation for turn in turns if turn.conversation}
        told |= {f"{turn.channel_id.id}-{turn.conversation}" for turn in turns}
        self.conversations = sorted({*(self.conversations or []), *told})
        names = set(turns.mapped("contact_name"))
        self.env["ai.served.person"]._erase(self, self.conversations, names)

    def _finish(self, receipt):
        """Keep the sidecar's receipt; what it brought meanwhile is erased too."""
        self.ensure_one()
        self._erase_turns()
        self.write(
            {
                "state": "done",
                "done_on": fields.Datetime.now(),
                "receipt": receipt,
                "conversations": False,
            }
        )

    @api.model
    def _erased(self, tenant):
        """Return {(channel id, contact number): when} of the tenant's erased contacts."""
        found = self.search([("tenant_id", "=", tenant.id)], order="requested_on")
        alike = self._channels_alike(tenant)
        return {
            (channel_id, one.contact_number): one.requested_on
            for one in found
            for channel_id in alike.get(one.channel_id.id, [])
        }

    @api.model
    def _channels_alike(self, tenant):
        """Return {channel id: ids of the tenant's channels of the same Chatwoot account}.

        A contact has one number in all of them, archived ones too.
        """
        channels = tenant.with_context(active_test=False).channel_ids
        groups = channels.grouped(lambda one: (one.url, one.chatwoot_account_id))
        return {one.id: group.ids for group in groups.values() for one in group}
