"""What every writing method shares: written once by key, in the audit, for whom."""

import re
import uuid

from odoo import api, models
from odoo.exceptions import UserError

WHO = ("name", "channel", "conversation", "proof")
LONGEST = 120


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def _once(self, tenant, method, key, arguments, make):
        """Return what `make()` gives; for a `key` that was used before, what it gave then.

        arguments: what has to be the same with the same key. make: writes, and returns the answer
        (of JSON's types). UserError for a key that is no uuid or was used for another call.
        """
        try:
            key = str(uuid.UUID(str(key)))
        except ValueError:
            raise UserError(self.env._("The key has to be a UUID.")) from None
        # Sudo: the rows are nobody's to read or write by themselves.
        row, is_new = self.env["ai.tool.write"].sudo()._claim(tenant, key, method, arguments)
        if is_new:
            row.answer = make()
        return row.answer

    @api.model
    def _who(self, who):
        """Return `who` of a write as four plain, short texts; UserError when it is no dict."""
        if not isinstance(who, dict):
            raise UserError(self.env._("Say for whom: a name, a channel and a conversation."))
        return {name: _plain(who.get(name)) for name in WHO}

    @api.model
    def _note_write(self, tenant, method, record, who, label=None):
        """Note in the audit and in the chatter of `record` (sudo) that it was written for `who`.

        label: what the audit calls the record; its display name must not be a person's.
        """
        # Sudo: the people are nobody's to read or write by themselves.
        people = self.env["ai.served.person"].sudo()
        person = people._reference(tenant, who["name"], who["conversation"]) or "–"
        subject = f"{method}: {label or record.display_name} ({person}, {who['channel']})"
        tenant._audit("tool", subject)
        # The shop's people read it, whatever language the customer speaks.
        env = self.with_context(lang=tenant.language).env
        body = env._(
            "Written by the AI for %(name)s (channel: %(channel)s, conversation: "
            "%(conversation)s, proven by: %(proof)s).",
            **{name: text or "–" for name, text in who.items()},
        )
        # A text, not Markup: Odoo escapes what the customer calls themselves.
        record.message_post(body=body, message_type="comment", subtype_xmlid="mail.mt_note")


def _plain(value):
    """Return `value` as one short line, without control characters."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", str(value or "")).strip()[:LONGEST]
