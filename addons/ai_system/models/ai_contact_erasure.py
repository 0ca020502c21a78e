"""Erasing a customer's data everywhere, with a receipt that names nobody."""

import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import escape_psql

STATES = [("running", "Running"), ("done", "Done"), ("failed", "Failed")]
COUNTS = (
    *("conversations", "keys", "history", "mailbox", "traces", "jobs", "dead_letters"),
    *("erp_customers", "erp_orders"),  # only where the tenant's own ERP sends its data
)
_PAGE = re.compile(r"(https?://.+/app/accounts/\d+/)conversations/")


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
    # Both stay when the channel is deleted.
    channel_number = fields.Integer("Channel No.", readonly=True, aggregator=None)
    chatwoot_account = fields.Char(
        readonly=True, help="What the addresses of its conversations begin with."
    )
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
            "erp_customers": self.env._("Customers sent by the ERP"),
            "erp_orders": self.env._("Orders sent by the ERP"),
        }
        for erasure in self:
            receipt = erasure.receipt or {}
            lines = [(labels[name], receipt[name]) for name in COUNTS if name in receipt]
            erasure.receipt_html = lines and self.env["ir.qweb"]._render(
                "ai_system.erasure_receipt",
                {"lines": lines, "rewritten": receipt.get("append_only_file") == "rewritten"},
            )

    @api.model
    def _start(self, turn):
        """Erase what Odoo holds of the turn's contact and queue the rest; return the erasure."""
        tenant, contact_number = turn.tenant_id, turn.contact_number
        if not self.env.user.has_group("ai_system.ai_system_group_manager"):
            raise AccessError(self.env._("Only administrators of the AI System erase customers."))
        tenant.check_access("write")
        channel, account = turn.channel_id, account_of(turn.chatwoot_url)
        if not channel:  # deleted: another one of its account
            channel = channel.browse(self._channels_by_account(tenant).get(account, [])[:1])
        channel_number = channel.id or (account and turn.channel_number)
        if not channel_number or not contact_number:
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
                "channel_number": channel_number,
                "chatwoot_account": _account(channel) if channel else account,
                "contact_number": contact_number,
                "user_id": self.env.uid,
                "requested_on": fields.Datetime.now(),
            }
        )
        erasure._erase_turns()
        tenant._audit("unlink", f"contact {channel_number}/{contact_number}")
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
        channel_number = self.channel_id.id
        if not channel_number:  # deleted since: the AI service knows the account by another one
            channel_ids, _accounts = self._places(self._channels_by_account(self.tenant_id))
            channel_number = next(iter(channel_ids), self.channel_number)
        params = {"channel_id": channel_number, "contact_id": self.contact_number}
        return self.env["ai.job"]._enqueue(self.tenant_id, "forget_contact", params, record=self)

    def _erase_turns(self):
        """Erase this contact's turns in Odoo and count them."""
        self.ensure_one()
        channel_ids, accounts = self._places(self._channels_by_account(self.tenant_id))
        pages = Domain.OR(
            Domain("chatwoot_url", "=like", f"{escape_psql(account)}%") for account in accounts
        )
        turns = self.env["ai.conversation.turn"].search(
            Domain("tenant_id", "=", self.tenant_id.id)
            & Domain("contact_number", "=", self.contact_number)
            & Domain("at", "<=", self.requested_on)
            & (Domain("channel_id", "in", channel_ids) | Domain("channel_id", "=", False) & pages)
        )
        self.turn_count += len(turns)
        self._erase_from_audit(turns)
        turns._erase()

    def _erase_from_audit(self, turns):
        """Let the access log name this erasure instead of the person."""
        told = {turn.conversation for turn in turns if turn.conversation}
        told |= {
            f"{turn.channel_id.id or turn.channel_number}-{turn.conversation}" for turn in turns
        }
        self.conversations = sorted({*(self.conversations or []), *told})
        names = set(turns.mapped("contact_name"))
        self.env["ai.served.person"]._erase(self, self.conversations or [], names)

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
        """Return {(channel id or Chatwoot account, contact number): when} of erased contacts."""
        found = self.search([("tenant_id", "=", tenant.id)], order="requested_on")
        channels = self._channels_by_account(tenant)
        erased = {}
        for one in found:
            channel_ids, accounts = one._places(channels)
            for place in (*channel_ids, *accounts):
                erased[place, one.contact_number] = one.requested_on
        return erased

    def _places(self, channels):
        """Return (channel ids, Chatwoot accounts) that know the contact by this number.

        channels: of `_channels_by_account`. The accounts place turns whose channel is deleted.
        """
        self.ensure_one()
        accounts = {self.chatwoot_account, self.channel_id and _account(self.channel_id)}
        accounts = sorted(filter(None, accounts))
        return [number for one in accounts for number in channels.get(one, [])], accounts

    @api.model
    def _channels_by_account(self, tenant):
        """Return {Chatwoot account: ids of the tenant's channels in it}.

        A contact has one number in all of them, archived ones too.
        """
        channels = tenant.with_context(active_test=False).channel_ids
        return {one: group.ids for one, group in channels.grouped(_account).items()}


def account_of(chatwoot_url):
    """Return the Chatwoot account of a conversation's address, "" when it tells none."""
    page = _PAGE.match(chatwoot_url or "")
    return page[1] if page else ""


def _account(channel):
    return f"{channel.url.rstrip('/')}/app/accounts/{channel.chatwoot_account_id}/"
