"""Who was served, apart from the audit: the log only grows, a name has to be erasable."""

import re
from datetime import timedelta

from odoo import api, fields, models

KEPT = timedelta(days=180)  # as long as the conversations
_REFERENCE = re.compile(r"person #(\d{1,9})\b")
# As the sidecar says it: `order_status for Ana Lima (channel, 7-123)`; the end may be cut off.
_SERVED = re.compile(
    r"(?P<tool>\S+) for (?P<name>.+?)(?: \((?P<proof>[^(),]*)(?:, (?P<conversation>[^()]*))?\))?"
)
_NOBODY = {"an erased customer", "channel", "code", "owner", "key"}


class AiServedPerson(models.Model):
    """One name in one conversation, which rows of the audit call by its number."""

    _name = "ai.served.person"
    _description = "Person Served by the AI"
    _log_access = False

    tenant_id = fields.Many2one("ai.tenant", required=True, ondelete="cascade")
    name = fields.Char(help="Empty once the person was erased.")
    conversation = fields.Char(help="Channel and conversation number, such as 7-123.")
    at = fields.Datetime(required=True, index=True)
    erasure_id = fields.Many2one("ai.contact.erasure", ondelete="set null")

    _person_index = models.Index("(tenant_id, conversation, name)")

    @api.model
    def _reference(self, tenant, name, conversation):
        """Return what the audit calls somebody of that name: `person #12`; "" for no name."""
        if not name:
            return ""
        found = self.search(
            [
                ("tenant_id", "=", tenant.id),
                ("conversation", "=", conversation or False),
                ("name", "=", name),
            ],
            limit=1,
        )
        person = found or self.create(
            {
                "tenant_id": tenant.id,
                "name": name,
                "conversation": conversation or False,
                "at": fields.Datetime.now(),
            }
        )
        return f"person #{person.id}"

    @api.model
    def _nameless(self, tenant, subject):
        """Return what the sidecar says of a tool's call with the person's number for the name."""
        told = _SERVED.fullmatch(subject)
        if not told or told["name"] in _NOBODY:
            return subject
        person = self._reference(tenant, told["name"], told["conversation"])
        proof = f" ({told['proof']})" if told["proof"] else ""
        return f"{told['tool']} for {person}{proof}"

    @api.model
    def _named(self, subjects):
        """Return [text] of `subjects`, [(tenant id, text)]: names, or the receipt of an erasure."""
        numbers = {int(found) for _id, text in subjects for found in _REFERENCE.findall(text)}
        people = {person.id: person for person in self.browse(numbers).exists()}

        def named(tenant_id, told):
            person = people.get(int(told[1]))
            if not person or person.tenant_id.id != tenant_id:
                return told[0]
            if person.erasure_id:
                return self.env._("erased contact #%(number)s", number=person.erasure_id.id)
            return person.name or told[0]

        return [
            _REFERENCE.sub(lambda told, tenant_id=tenant_id: named(tenant_id, told), text)
            for tenant_id, text in subjects
        ]

    @api.model
    def _erase(self, erasure, conversations, names):
        """Put the erasure for the name of whoever these conversations and names were."""
        mine = [("tenant_id", "=", erasure.tenant_id.id), ("name", "!=", False)]
        people = self.search([*mine, ("conversation", "in", list(conversations))])
        names = {*names, *people.mapped("name")} - {False}
        # A client of the MCP server has no conversation.
        people |= self.search([*mine, ("conversation", "=", False), ("name", "in", list(names))])
        people.write({"name": False, "erasure_id": erasure.id})

    @api.autovacuum
    def _gc_old(self):
        old = [("at", "<", fields.Datetime.now() - KEPT), ("name", "!=", False)]
        self.search(old).write({"name": False})
