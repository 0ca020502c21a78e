"""The live fields of the product: filled on approval, watched afterwards, never overwritten
silently."""

from markupsafe import Markup

from odoo import fields, models
from odoo.tools import plaintext2html

from ..html_text import text_of
from ..parts import HTML, KINDS, LINES, PARTS, lines_of
from .product_ai_description import DECLARED

SOURCE = "en_US"  # what Odoo shows where a language has no translation


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductAiDescription(models.Model):
    _inherit = "product.ai.description"

    written = fields.Json(readonly=True, help="What the approval wrote into each live field.")
    live_edited = fields.Boolean(
        "Needs Update",
        readonly=True,
        index=True,
        help="A live field was edited by hand after the approval.",
    )

    def _targets(self):
        """Return [(part, field name)] of the live fields of this version's company."""
        self.ensure_one()
        settings = self.env["ai.studio.settings"]._of(self.company_id)
        may_fill = self.env["product.template"]._ai_may_fill
        return [(t.part, t.field_name) for t in settings.target_ids if may_fill(t.field_name)]

    def _live_product(self):
        """Return (sudo) the product as its live fields are read and written for this version."""
        # Sudo: who reviews a text may see what it replaces, and approving writes it.
        product = self.product_tmpl_id.sudo().with_company(self.company_id)
        return product.with_context(lang=self.language, ai_studio_writes=True)

    def _current_parts(self):
        """Return {part: (text in use now, label of the live field or "")}, all as plain text."""
        self.ensure_one()
        approved = self._formers()[self]
        labels = dict(self.env["product.template"]._ai_field_labels("target"))
        current = {part: (approved._plain_part(part) if approved else "", "") for part in PARTS}
        product = self._live_product()
        for part, name in self._targets():
            current[part] = (self._comparable(product, name), labels.get(name, name))
        return current

    def _live_value(self, part, name):
        """Return this version's part as the live field `name` takes it."""
        value, kind = self[part] or "", KINDS[part]
        if self.env["product.template"]._fields[name].type != "html":
            return self._plain_part(part)
        if kind == HTML:
            return value
        if kind == LINES:
            items = Markup().join(Markup("<li>%s</li>") % line for line in lines_of(value))
            return Markup("<ul>%s</ul>") % items
        return plaintext2html(value)

    def _comparable(self, product, name):
        """Return the live field as text: two values that read alike are alike."""
        return self._as_text(product[name], name)

    def _live_text(self, part, name):
        """Return this version's part as `_comparable` would find it after an approval."""
        return self._as_text(self._live_value(part, name), name)

    def _as_text(self, value, name):
        if self.env["product.template"]._fields[name].type == "html":
            return text_of(str(value or ""))
        return "\n".join(" ".join(line.split()) for line in (value or "").strip().splitlines())

    def _write_live(self, former):
        """Write the approved parts into their live fields and remember what was written."""
        self.ensure_one()
        product = self._live_product()
        approved = self._approved_parts()
        targets = [(part, name) for part, name in self._targets() if part in approved]
        values = {name: self._live_value(part, name) for part, name in targets}
        translated = {name: self._translations(product, name) for name in values}
        if values:
            product.write(values)
        for name, stored in translated.items():
            self._write_translations(product, name, stored)
        kept = (former.written or {}) if former else {}
        self.written = {**kept, **{name: self._comparable(product, name) for name in values}}
        self._note_live()

    def _translations(self, product, name):
        """Return {language: value} as stored, without what Odoo notes beside them."""
        field = product._fields[name]
        stored = field._get_stored_translations(product) if field.translate else None
        return {lang: text for lang, text in (stored or {}).items() if not lang.startswith("_")}

    def _write_translations(self, product, name, stored):
        """Leave the other languages as they were (`stored`), but for a source text gone stale."""
        field = product._fields[name]
        if not stored:
            return
        mirrored = self._is_mirrored(name, stored)
        if not callable(field.translate):
            if mirrored:
                product.with_context(lang=SOURCE).write({name: product[name]})
            return
        # Odoo gives the pages of all languages the structure of the one that was written last, and
        # its words where they have none for it: each text here is a whole of its own.
        texts = {**stored, self.language: product[name]}
        if mirrored:
            texts[SOURCE] = product[name]
        field._update_cache(product.with_context(prefetch_langs=True), texts, dirty=True)

    def _is_mirrored(self, name, stored):
        """True when the source language only repeats this language, or is not installed at all."""
        if self.language == SOURCE:
            return False
        if SOURCE not in dict(self.env["res.lang"].get_installed()):
            return True
        if self.language not in stored or stored[self.language] != stored.get(SOURCE):
            return False
        # Equal by chance, where a person approved a text in the source language.
        others = self.search(
            [
                ("product_tmpl_id", "=", self.product_tmpl_id.id),
                ("company_id", "=", self.company_id.id),
                ("language", "=", SOURCE),
                ("state", "=", "approved"),
            ]
        )
        return not any(name in (text.written or {}) for text in others)

    def _hand_edits(self, former=None):
        """Return the names of live fields that were edited by hand and that this would replace.

        former: the version in use, where the caller knows it.
        """
        self.ensure_one()
        former = self.sudo()._formers()[self.sudo()] if former is None else former
        written = (former.written or {}) if former else {}
        product = self._live_product()
        approved = self._approved_parts()
        return [
            name
            for part, name in self._targets()
            if part in approved
            and name in written
            and (live := self._comparable(product, name))
            and live not in (written[name], self._live_text(part, name))
        ]

    def _note_live(self):
        """Note whether the live fields still say what was approved."""
        for text in self:
            product = text._live_product()
            edited = any(
                text._comparable(product, name) != value
                for name, value in (text.written or {}).items()
                if name in product._fields
            )
            if text.live_edited != edited:
                text.live_edited = edited

    def _keep_live_text(self, formers):
        """Keep what a person wrote into the live fields as versions, before it is replaced."""
        found = {text: text._hand_written(former) for text, former in formers.items()}
        kept = self.filtered(lambda text: found[text])
        return kept._create_by_hand([found[text] for text in kept], "replaced")

    def _hand_written(self, former):
        """Return {part: what a person wrote into its live field since `former` was approved}."""
        self.ensure_one()
        product = self._live_product()
        written = (former.written or {}) if former else {}
        values = {}
        for part, name in self._targets():
            live = self._comparable(product, name)
            if live and live not in (written.get(name), self._live_text(part, name)):
                values[part] = self._part_from_live(part, product, name)
        return values

    def _part_from_live(self, part, product, name):
        value = product[name] or ""
        is_html = product._fields[name].type == "html"
        if KINDS[part] == HTML:
            return value if is_html else plaintext2html(value)
        return text_of(str(value)) if is_html else value

    def _create_by_hand(self, written, state):
        """Create a version beside each of these, of what a person wrote.

        written: their values, with the `model` of what they were made from.
        """
        newest = self._newest_versions(self.product_tmpl_id, self.company_id)
        rows = [
            {
                **values,
                "product_tmpl_id": text.product_tmpl_id.id,
                "company_id": text.company_id.id,
                "language": text.language,
                "version": 1 + newest[text._place()],
                "state": state,
                "writer": "person",
                "decisions": {},
                "edited": bool(values.get("model")),
                "user_id": self.env.uid,
            }
            for text, values in zip(self, written, strict=True)
        ]
        texts = self.create(rows)
        texts._rescore()
        return texts

    def action_adopt_live(self):
        """Take over what was edited by hand: it becomes the approved version."""
        self.ensure_one()
        self.check_access("write")
        # Sudo: as _approve; the text is in use already.
        approved = self.sudo()
        product = approved._live_product()
        values = {part: approved[part] for part in approved._written_parts()}
        for part, name in approved._targets():
            if name in (approved.written or {}):
                values[part] = approved._part_from_live(part, product, name)
        # What a model wrote stays declared, edited or not.
        origin = {name: approved[name] for name in ("model", "prompt_version")}
        by_model = approved.digital_source == DECLARED
        text = approved._create_by_hand([{**values, **(origin if by_model else {})}], "draft")
        text.with_user(self.env.user).with_company(self.company_id)._approve()
        return True

    def _ask_overwrite(self):
        """Open the dialog that shows what would be lost."""
        asked = self.env["ai.overwrite.live"].create({"description_ids": self.ids})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Edited by Hand"),
            "res_model": asked._name,
            "res_id": asked.id,
            "views": [(False, "form")],
            "target": "new",
        }
