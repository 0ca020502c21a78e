"""What the AI service is told of a company (docs/rules.md)."""

from odoo import fields, models

from ..wall_clock import iso_text

LINKS = ("website", "facebook", "instagram")


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiCompanyProfile(models.Model):
    _inherit = "ai.company.profile"

    def _ai_profile(self, lang):
        """Return the profile in `lang`: only what the company wants to be told."""
        self.ensure_one()
        # Sudo: of the tenant and its company only what follows is read.
        tenant = self.sudo().tenant_id
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description or "",
            "values": self.brand_values or "",
            "business_area": tenant.business_area,
            "language": tenant.language,
            "timezone": tenant.timezone,
            "currency": tenant.company_id.currency_id.name,
            # Sudo: see the field.
            "address": (self.sudo().address or "") if self.tell_address else "",
            "links": [
                {"kind": kind, "url": self[kind], "mention_when_closing": self[f"mention_{kind}"]}
                for kind in LINKS
                if self[kind]
            ],
            "texts": {
                "greeting": self.greeting or "",
                "farewell": self.farewell or "",
                "rating_request": (self.rating_request or "") if self.ask_rating else "",
            },
            "style": {
                "tone": self.tone,
                "voice": self.voice,
                "formality": self.formality,
                "emoji": self.emoji,
            },
            "promotions": {
                "announce_at_start": self.announce_promotions,
                "suggest_when_selling": self.suggest_promotions,
            },
            "services": {
                "sales": self.serves_sales,
                "scheduling": self.serves_scheduling,
                "delivery": self.serves_delivery,
                "support": self.serves_support,
            },
            "hours": self._hours_facts(lang),
            "write_date": fields.Datetime.to_string(self.changed_on),
        }

    def _ai_facts(self, lang):
        """Return the profiles as facts like those of rules, for the search of the AI service."""
        return [profile._ai_fact(lang) for profile in self]

    def _ai_fact(self, lang):
        self.ensure_one()
        told = self._ai_profile(lang)
        texts = [told["description"], told["values"], told["address"]]
        texts += [link["url"] for link in told["links"]]
        return {
            "kind": self._synced_kind,
            "id": self.id,
            "group": "profile",
            "subkind": "profile",
            "title": self.name,
            "sentence": told["hours"]["text"],
            "text": "\n".join(text.strip() for text in texts if text.strip()),
            "priority": "normal",
            "valid_from": iso_text(None),
            "valid_to": iso_text(None),
            "structure": {},
            "products": [],
            "categories": [],
            "chunks": [],
            "write_date": told["write_date"],
        }
