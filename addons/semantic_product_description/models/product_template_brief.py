"""What the writer may use about a product (docs/studio.md), and what is missing."""

import mimetypes
import re

from odoo import models
from odoo.tools import SQL, format_date, formatLang

from ..html_text import text_of
from .product_ai_document import TOLD

MOST_VARIANTS = 50
MOST_SIBLINGS = 8
SIBLING = 600  # characters of a sibling's text
TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
UNITS = {"weight": "weight_uom_name", "volume": "volume_uom_name"}


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductTemplate(models.Model):
    _inherit = "product.template"

    def _ai_writing_briefs(self, company, language, image_urls):
        """Return {product id: brief} of these products for texts of `company` in `language`.

        self carries the language. image_urls: where people find each product's image, by id. As
        many queries for many products as for one.
        """
        tell_image = self.env["ai.studio.settings"]._of(company).tell_image
        images = self._ai_images() if tell_image else {}
        told = self._ai_told(company, language)
        missing = self._ai_missing(company)
        glossary = self.env["ai.glossary.term"]._as_brief(company, language)
        return {
            product_id: {
                "product_id": product_id,
                "language": language,
                "facts": told[product_id]["facts"],
                "missing": missing[product_id].mapped("code"),
                "voice": told[product_id]["voice"],
                "glossary": glossary,
                "siblings": told[product_id]["siblings"],
                "image": product_id in images
                and {"url": image_urls[product_id], "mimetype": images[product_id]},
            }
            for product_id in self.ids
        }

    def _ai_told(self, company, language):
        """Return {product id: {"facts", "voice", "siblings"}}: what a text is measured by.

        self carries the language. As many queries for many products as for one.
        """
        facts = self._ai_facts_to_tell(company, language)
        voices = self.env["ai.brand.voice"]._of_products(self, company)
        siblings = self._ai_siblings(company, language)
        return {
            product.id: {
                "facts": facts[product.id],
                "voice": voices[product.id]._as_brief(),
                "siblings": siblings[product.id],
            }
            for product in self
        }

    def _ai_facts_to_tell(self, company, language):
        """Return {product id: [{"source", "label", "value"}]}, the chosen fields first."""
        sources = self.env["ai.studio.settings"]._of(company).source_ids.mapped("field_name")
        labels = dict(self._ai_field_labels("source"))
        names = [name for name in sources if name in labels]
        category = self._ai_label("categ_id")
        ours = self._ai_own_words(company, language)
        answers = self.env["product.ai.answer"]._of_products(self, company)
        documents = self.env["product.ai.document"]._of_products(self, company)
        variants = self._ai_told_variants()
        told = {}
        for product in self:
            own = ours[product.id]
            values = ((n, own[n] if n in own else product._ai_fact_value(n)) for n in names)
            facts = [(f"field:{name}", labels[name], value) for name, value in values]
            facts.append(("category", category, product._ai_category()))
            facts += product._ai_attribute_facts()
            if product.id in variants:
                facts.append(("variants", self.env._("Variants"), variants[product.id]))
            facts += [
                (f"answer:{fact.code}", fact.with_context(lang=language).name, value)
                for fact, value in answers[product.id].values()
            ]
            facts += [
                (f"document:{document.id}", document.name, document.text[:TOLD])
                for document in documents[product.id]
            ]
            told[product.id] = [
                {"source": source, "label": label, "value": value}
                for source, label, value in facts
                if value
            ]
        return told

    def _ai_own_words(self, company, language):
        """Return {product id: {live field: what stood there before texts were approved into it}}.

        What a writer wrote is no evidence for the next text; what a person wrote there is.
        """
        # Sudo: versions are read for whoever asks for a text.
        texts = self.env["product.ai.description"].sudo()
        found = texts.search(
            [
                ("product_tmpl_id", "in", self.ids),
                ("company_id", "=", company.id),
                ("language", "=", language),
            ],
            order="version desc",
        ).grouped("product_tmpl_id")
        versions = {product.id: kept for product, kept in found.items()}
        own = {product.id: {} for product in self}
        for product_id, told in own.items():
            kept = versions.get(product_id, texts)
            approved = kept.filtered(lambda text: text.state == "approved")[:1]
            by_hand = kept.filtered(lambda text: text.writer == "person")[:1]
            for part, name in approved._targets() if approved else ():
                live = approved._comparable(approved._live_product(), name)
                if approved.writer != "person" and live == (approved.written or {}).get(name):
                    told[name] = by_hand._plain_part(part) if by_hand else ""
        return own

    def _ai_fact_value(self, name):
        """Return the field `name` of this product as text, "" when nobody filled it in."""
        self.ensure_one()
        field = self._fields[name]
        # Sudo: the manager chose this field to be told; the product itself was let to be seen.
        record = self.sudo()
        value = record[name]
        if not value:
            return ""
        match field.type:
            case "html":
                return text_of(value)
            case "text" if TAG.search(value):
                # Pasted from a shop's page: the tags are no facts.
                return text_of(value)
            case "boolean":
                return self.env._("Yes")
            case "selection":
                options = dict(field._description_selection(record.env))
                return str(options.get(value, value))
            case "many2one" | "many2many":
                return ", ".join(value.mapped("display_name"))
            case "monetary":
                return formatLang(record.env, value, currency_obj=record[field.currency_field])
            case "date":
                return format_date(record.env, value)
            case "float":
                figure = f"{value:.6f}".rstrip("0").rstrip(".")  # whole, never 1e+06
                return f"{figure} {record[UNITS[name]] if name in UNITS else ''}".strip()
            case _:
                return str(value)

    def _ai_label(self, name):
        return self._fields[name]._description_string(self.env)

    def _ai_category(self):
        # Sudo: as _ai_fact_value.
        return self.sudo().categ_id.complete_name or ""

    def _ai_attribute_facts(self):
        # Sudo: as _ai_fact_value.
        product = self.sudo()
        return [
            (
                f"attribute:{line.attribute_id.name}",
                line.attribute_id.name,
                ", ".join(line.value_ids.mapped("name")),
            )
            for line in product.attribute_line_ids
        ]

    def _ai_told_variants(self):
        """Return {product id: the names of its first variants}, of those that have several."""
        # Sudo: as _ai_fact_value.
        several = (product for product in self.sudo() if len(product.product_variant_ids) > 1)
        first = {product.id: product.product_variant_ids[:MOST_VARIANTS] for product in several}
        # A slice would be read by itself.
        together = self.env["product.product"].union(*first.values())._prefetch_ids
        return {
            product_id: "; ".join(
                ", ".join(variant.product_template_attribute_value_ids.mapped("name"))
                for variant in variants.with_prefetch(together)
            )
            for product_id, variants in first.items()
        }

    def _ai_missing_facts(self, company):
        """Return (sudo) the required facts that nothing tells about this product."""
        self.ensure_one()
        return self._ai_missing(company)[self.id]

    def _ai_missing(self, company):
        """Return {product id: what `_ai_missing_facts` returns of it}."""
        required = self.env["ai.required.fact"]._for_products(self, company)
        asked = self if any(required.values()) else self.browse()
        answers = self.env["product.ai.answer"]._of_products(asked, company)
        return {
            product.id: required[product.id].filtered(
                lambda fact, product=product: not fact._is_told(product, answers[product.id])
            )
            for product in self.sudo()
        }

    def _ai_siblings(self, company, language):
        """Return {product id: [the beginnings of the texts of a few others of its category]}."""
        # Sudo: as _ai_own_words.
        texts = self.env["product.ai.description"].sudo()
        of_category = self._ai_category_texts(company, language)
        told = {
            text.id: "\n".join(
                filter(None, map(text._plain_part, ("short_description", "description")))
            )[:SIBLING]
            for text in texts.browse({text for found in of_category.values() for text, _ in found})
        }
        siblings = {}
        for product in self:
            found = of_category.get(product.categ_id.id, [])
            others = [text for text, owner in found if owner != product.id][:MOST_SIBLINGS]
            siblings[product.id] = [told[text] for text in others if told[text]]
        return siblings

    def _ai_category_texts(self, company, language):
        """Return {category id: [(text id, product id)]} of its newest approved texts."""
        found = {}
        if not self.categ_id:
            return found
        fields = self.env["product.ai.description"]._fields
        query = SQL(
            """
            SELECT category.id, newest.id, newest.product_tmpl_id
              FROM unnest(%s::int[]) AS category (id)
             CROSS JOIN LATERAL (
                   SELECT text.id, text.product_tmpl_id
                     FROM product_ai_description AS text
                     JOIN product_template AS product ON product.id = text.product_tmpl_id
                    WHERE text.company_id = %s AND text.language = %s AND text.state = 'approved'
                      AND product.categ_id = category.id
                    ORDER BY text.id DESC LIMIT %s) AS newest
             ORDER BY newest.id DESC
            """,
            self.categ_id.ids,
            company.id,
            language,
            MOST_SIBLINGS + 1,
            to_flush=(fields["state"], fields["language"], self._fields["categ_id"]),
        )
        for category_id, text_id, product_id in self.env.execute_query(query):
            found.setdefault(category_id, []).append((text_id, product_id))
        return found

    def _ai_images(self):
        """Return {product id: the kind of its image}, of those that have one."""
        # Sudo: files are not the integration user's to read; only the kind of these is told.
        images = self.env["ir.attachment"].sudo()
        found = images.search(
            [
                ("res_model", "=", self._name),
                ("res_field", "=", "image_1920"),
                ("res_id", "in", self.ids),
            ]
        )
        return {
            image.res_id: image.mimetype or mimetypes.guess_type(image.name or "")[0] or "image/png"
            for image in found
        }
