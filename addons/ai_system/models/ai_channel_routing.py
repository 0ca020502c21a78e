"""Who answers what, in words: the rule of docs/contracts.md, shown before anything is sent."""

from markupsafe import Markup

from odoo import api, fields, models


class AiChannel(models.Model):
    _inherit = "ai.channel"

    routing_preview = fields.Html(compute="_compute_routing", sanitize=False)
    routing_warning = fields.Text(compute="_compute_routing")

    @api.depends(
        "active",
        "url",
        "chatwoot_account_id",
        "inbox_id",
        "sequence",
        "crew",
        "owner_phones",
        "owner_crew",
        "tenant_id.account_id",
        "tenant_id.crew_ids.enabled",
    )
    @api.depends_context("lang")
    def _compute_routing(self):
        for channel in self:
            if not (channel.tenant_id and channel.crew):
                channel.routing_preview = channel.routing_warning = False
                continue
            lines = [channel._inbox_sentence(), *channel._owner_sentences()]
            if channel.inbox_id:
                lines.append(channel._rest_sentence())
            channel.routing_preview = Markup("<ul class='mb-0 ps-3'>%s</ul>") % (
                Markup("").join(Markup("<li>%s</li>") % line for line in lines)
            )
            channel.routing_warning = channel._disabled_sentence()

    def _siblings(self):
        """Return (sudo) the other active mappings of the same account of the same Chatwoot."""
        self.ensure_one()
        url = (self.url or "").strip().rstrip("/")
        # Sudo: a mapping of another company takes part in the decision; only its existence shows.
        return self.sudo().search(
            [
                ("url", "=", url),
                ("chatwoot_account_id", "=", self.chatwoot_account_id),
                ("id", "!=", self._origin.id),
            ]
        )

    def _rank(self):
        """Order among the mappings that take every inbox; a new one comes last."""
        return (self.sequence, self._origin.id or float("inf"))

    def _takes_the_rest(self):
        """Return the mapping that takes the inboxes that none names, possibly empty."""
        self.ensure_one()
        others = self._siblings().filtered(lambda channel: not channel.inbox_id)
        own = self if not self.inbox_id else self.browse()
        return min([*own, *others], key=lambda channel: channel._rank(), default=self.browse())

    def _place(self):
        """Return “account_1 → Customer Service” of this mapping."""
        self.ensure_one()
        if self._origin and not self._origin.sudo(False).has_access("read"):
            return self.env._("a mapping of another company")
        return f"{self.tenant_id.account_id} → {self._crew_label(self.crew)}"

    @api.model
    def _crew_label(self, key):
        return dict(self._fields["crew"]._description_selection(self.env)).get(key, key)

    def _inbox_sentence(self):
        self.ensure_one()
        env, account = self.env, self.chatwoot_account_id
        if self.inbox_id:
            return env._(
                "Inbox %(inbox)s of Chatwoot %(account)s → %(place)s, because this mapping names "
                "the inbox.",
                inbox=self.inbox_id,
                account=account,
                place=self._place(),
            )
        first = self._takes_the_rest()
        if first._origin.id == self._origin.id:
            return env._(
                "Every inbox of Chatwoot %(account)s that no mapping names → %(place)s, because "
                "this mapping takes the rest.",
                account=account,
                place=self._place(),
            )
        return env._(
            "No inbox of Chatwoot %(account)s comes here: what no mapping names → %(place)s, "
            "because that mapping has a lower sequence.",
            account=account,
            place=first._place(),
        )

    def _rest_sentence(self):
        self.ensure_one()
        env, account = self.env, self.chatwoot_account_id
        if rest := self._takes_the_rest():
            return env._(
                "Any other inbox of Chatwoot %(account)s → %(place)s, because no mapping names it.",
                account=account,
                place=rest._place(),
            )
        return env._(
            "Any other inbox of Chatwoot %(account)s → nobody, because no mapping names it and "
            "none takes the rest.",
            account=account,
        )

    def _owner_sentences(self):
        self.ensure_one()
        env = self.env
        enabled = self.tenant_id._crew_is_enabled(self.owner_crew)
        # On a form the numbers are still as they were typed.
        typed = self._tidied({"owner_phones": self.owner_phones})["owner_phones"]
        for phone in typed.split("\n") if typed else ():
            if enabled:
                yield env._(
                    "%(phone)s → %(crew)s, because the number is the owner's (WhatsApp and SMS "
                    "prove it).",
                    phone=phone,
                    crew=self._crew_label(self.owner_crew),
                )
            else:
                yield env._(
                    "%(phone)s → %(crew)s like any customer, because the crew %(owner_crew)s is "
                    "not enabled.",
                    phone=phone,
                    crew=self._crew_label(self.crew),
                    owner_crew=self._crew_label(self.owner_crew),
                )

    def _disabled_sentence(self):
        """Return what the AI service will answer where the crew of this mapping refuses."""
        self.ensure_one()
        if self.tenant_id._crew_is_enabled(self.crew):
            return False
        return self.env._(
            "Crew %(crew)s is not enabled for account_id %(account)s",
            crew=self.crew,
            account=self.tenant_id.account_id,
        )
