"""What the texts of a category cannot do without, and what people answered."""

import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..quality import fold

CODE = re.compile(r"[a-z][a-z0-9_]{0,62}")
MOST_CHARACTERS = 2000


class AiRequiredFact(models.Model):
    """A fact that texts of some categories need; where it comes from, or a question for people."""

    _name = "ai.required.fact"
    _description = "Required Fact"
    _order = "company_id, sequence, id"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        compute="_compute_code",
        store=True,
        readonly=False,
        precompute=True,
        help="What the AI service calls the fact: lower-case letters, digits and underscores.",
    )
    question = fields.Char(
        required=True, translate=True, help="What people are asked, such as “What is it made of?”"
    )
    category_ids = fields.Many2many(
        "product.category",
        string="Categories",
        help="Products of these categories and those below them; all products when empty.",
    )
    field_name = fields.Selection(
        "_selection_field_name", "Field", help="A field of the product that tells the fact."
    )
    attribute_id = fields.Many2one("product.attribute", help="An attribute that tells the fact.")

    _code_unique = models.Constraint(
        "UNIQUE(company_id, code)", "This company has a required fact with this code already."
    )

    @api.model
    def _selection_field_name(self):
        return self.env["product.template"]._ai_field_labels("source")

    @api.depends("name")
    def _compute_code(self):
        for fact in self:
            if not fact.code and fact.name:
                fact.code = re.sub(r"[^a-z0-9]+", "_", fold(fact.name)).strip("_")[:63]

    @api.constrains("code")
    def _check_code(self):
        for fact in self:
            if not CODE.fullmatch(fact.code):
                raise ValidationError(
                    self.env._(
                        "“%(code)s” is no code: use lower-case letters, digits and underscores.",
                        code=fact.code,
                    )
                )

    @api.model
    def _for_products(self, products, company):
        """Return {product id: (sudo) the facts that a text of it needs in `company`}."""
        # Sudo: required facts are settled by managers; everybody's texts need them.
        facts = self.sudo().search([("company_id", "=", company.id)])
        wanted = {fact: set(fact.category_ids.ids) for fact in facts}
        needed = {}
        for product in products:
            path = {int(part) for part in (product.categ_id.parent_path or "").split("/") if part}
            needed[product.id] = facts.filtered(
                lambda fact, path=path: not wanted[fact] or wanted[fact] & path
            )
        return needed

    def _is_told(self, product, answers):
        """True when `product` tells this fact. answers: {id of a fact: text}."""
        self.ensure_one()
        name = self.field_name
        return bool(
            self.id in answers
            or (name and product._ai_may_tell(name) and product._ai_fact_value(name))
            or (self.attribute_id and self.attribute_id in product.attribute_line_ids.attribute_id)
        )


class ProductAiAnswer(models.Model):
    """What a person answered about a product: a fact for its texts, like a field's value."""

    _name = "product.ai.answer"
    _description = "Answer about a Product"
    _order = "product_tmpl_id, fact_id"
    _rec_name = "value"

    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, ondelete="cascade", index=True
    )
    fact_id = fields.Many2one("ai.required.fact", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="fact_id.company_id", store=True, index=True)
    value = fields.Text("Answer", required=True)

    _answer_unique = models.Constraint(
        "UNIQUE(product_tmpl_id, fact_id)", "This question has an answer already."
    )

    @api.constrains("value")
    def _check_value(self):
        if any(len(answer.value) > MOST_CHARACTERS for answer in self):
            raise UserError(
                self.env._("An answer has at most %(count)s characters.", count=MOST_CHARACTERS)
            )

    @api.model
    def _of(self, product, company):
        """Return {id of the fact: (fact, text)} of what was answered about `product` (sudo)."""
        return self._of_products(product, company)[product.id]

    @api.model
    def _of_products(self, products, company):
        """Return {product id: what `_of` returns of it}, by one query."""
        # Sudo: whoever reads the product may be told what was answered about it.
        answers = self.sudo().search(
            [("product_tmpl_id", "in", products.ids), ("company_id", "=", company.id)],
            order="fact_id",
        )
        told = {product_id: {} for product_id in products.ids}
        for answer in answers:
            told[answer.product_tmpl_id.id][answer.fact_id.id] = (answer.fact_id, answer.value)
        return told
