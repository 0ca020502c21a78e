"""How a company's texts sound: settled for the company, a category or one product."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..parts import lines_of

TONES = [
    ("friendly", "Friendly"),
    ("polite", "Polite"),
    ("professional", "Professional"),
    ("technical", "Technical"),
    ("casual", "Casual"),
    ("enthusiastic", "Enthusiastic"),
]
VOICES = [
    ("welcoming", "Welcoming"),
    ("energetic", "Energetic"),
    ("calm", "Calm"),
    ("objective", "Objective"),
]
LENGTHS = [("short", "Short"), ("medium", "Medium"), ("long", "Long")]
# The nearest voice that says something counts …
CHOSEN = ("tone", "voice", "text_length", "audience", "good", "bad")
# … while words add up: what the company bans is banned for every product.
WORDS = ("banned", "required")
FALLBACK = {"tone": "professional", "voice": "welcoming", "text_length": "medium"}


class AiBrandVoice(models.Model):
    _name = "ai.brand.voice"
    _description = "Brand Voice"
    _order = "company_id, categ_id nulls first, product_tmpl_id nulls first, id"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    categ_id = fields.Many2one(
        "product.category", "Product Category", ondelete="cascade", index="btree_not_null"
    )
    product_tmpl_id = fields.Many2one(
        "product.template",
        "Product",
        ondelete="cascade",
        index="btree_not_null",
        check_company=True,
    )
    active = fields.Boolean(default=True)
    tone = fields.Selection(TONES)
    voice = fields.Selection(VOICES)
    text_length = fields.Selection(LENGTHS, "Length")
    audience = fields.Char(help="Who reads the texts, such as “families who furnish a first home”.")
    banned = fields.Text("Banned Words", help="One word or phrase per line.")
    required = fields.Text("Required Words", help="One word or phrase per line.")
    good = fields.Text("Good Samples", help="Sentences as they should sound, one per line.")
    bad = fields.Text("Bad Samples", help="Sentences as they should not sound, one per line.")
    inherited = fields.Json("As It Holds", compute="_compute_inherited")

    _scope_unique = models.UniqueIndex(
        "(company_id, COALESCE(categ_id, 0), COALESCE(product_tmpl_id, 0)) WHERE active",
        "This place has a voice already.",
    )

    @api.constrains("categ_id", "product_tmpl_id")
    def _check_one_place(self):
        if any(voice.categ_id and voice.product_tmpl_id for voice in self):
            raise ValidationError(
                self.env._("A voice is a category's or a product's, not both. Leave one empty.")
            )

    @api.depends("company_id", "categ_id", "product_tmpl_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for voice in self:
            place = voice.product_tmpl_id or voice.categ_id or voice.company_id
            voice.display_name = place.display_name or self.env._("New voice")

    @api.depends("company_id", "categ_id", "product_tmpl_id", *CHOSEN, *WORDS)
    @api.depends_context("lang")
    def _compute_inherited(self):
        for voice in self:
            chain = voice._chain(voice.company_id, voice.categ_id, voice.product_tmpl_id)
            voice.inherited = chain._rows()

    @api.model
    def _of_product(self, product, company):
        """Return the voices that speak for `product`, the nearest first (sudo)."""
        return self._of_products(product, company)[product.id]

    @api.model
    def _of_products(self, products, company):
        """Return {product id: what `_of_product` returns of it}, by one query."""
        paths = {product.id: self._path(product.categ_id) for product in products}
        # Sudo: as _chain.
        voices = self.sudo().with_context(active_test=True)
        above = {part for path in paths.values() for part in path}
        voices = voices.search(
            Domain("company_id", "=", company.id)
            & Domain("product_tmpl_id", "in", [False, *products.ids])
            & Domain("categ_id", "in", [False, *above]),
            order="id",
        )
        of_product = {voice.product_tmpl_id.id: voice for voice in voices if voice.product_tmpl_id}
        others = voices.filtered(lambda voice: not voice.product_tmpl_id)
        of_category = {voice.categ_id.id: voice for voice in others}
        none = voices.browse()
        return {
            product_id: none.concat(
                of_product.get(product_id, none),
                *(of_category.get(place, none) for place in (*reversed(path), False)),
            )
            for product_id, path in paths.items()
        }

    @api.model
    def _path(self, category):
        """Return the ids of `category` and those above it, the nearest last."""
        return [int(part) for part in (category.parent_path or "").split("/") if part]

    @api.model
    def _chain(self, company, category, product):
        category = product.categ_id or category
        path = self._path(category)
        # Sudo: voices are the managers' to change and everybody's to hear.
        self.env["ai.brand.voice"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM ai_brand_voice
                 WHERE active AND company_id = %(company)s
                   AND (product_tmpl_id = %(product)s
                        OR categ_id = ANY(%(path)s) AND product_tmpl_id IS NULL
                        OR categ_id IS NULL AND product_tmpl_id IS NULL)
                 ORDER BY product_tmpl_id IS NULL, array_position(%(path)s, categ_id) DESC
                 NULLS LAST
                """,
                company=company._origin.id or company.id or None,
                product=product._origin.id or None,
                path=path,
            )
        )
        return self.sudo().browse(voice_id for (voice_id,) in rows)

    def _effective(self):
        """Return {field: (value, the voice it comes from)} of a chain, the nearest first.

        Words are lists; a field that nobody settled has its fallback and an empty voice.
        """
        none = self.browse()
        told = {name: (FALLBACK.get(name, ""), none) for name in CHOSEN}
        for name in CHOSEN:
            nearest = next((voice for voice in self if (voice[name] or "").strip()), none)
            if nearest:
                told[name] = (nearest[name].strip(), nearest)
        for name in WORDS:
            words = dict.fromkeys(word for voice in self for word in lines_of(voice[name]))
            told[name] = (list(words), self.filtered(name))
        return told

    def _as_brief(self):
        """Return the voice of a chain as the writer is told it (docs/studio.md)."""
        told = {name: value for name, (value, _from) in self._effective().items()}
        length = told.pop("text_length")
        good, bad = lines_of(told["good"]), lines_of(told["bad"])
        return {**told, "length": length, "good": good, "bad": bad}

    def _rows(self):
        """Return [{"label", "value", "origin"}] of a chain, for people."""
        described = self.env["ai.brand.voice"].fields_get([*CHOSEN, *WORDS])
        rows = []
        for name, (value, voices) in self._effective().items():
            options = dict(described[name].get("selection") or ())
            rows.append(
                {
                    "label": described[name]["string"],
                    "value": ", ".join(value) if name in WORDS else options.get(value, value),
                    "origin": ", ".join(voices.mapped("display_name"))
                    or (self.env._("Default") if value else ""),
                }
            )
        return rows
