"""What people decide about a version: part by part, then as a whole."""

from collections import Counter

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..parts import KINDS, LIMITS, PARTS
from ..word_diff import marked, word_diff
from .product_ai_claim import MANAGER

DECISIONS = ("accepted", "rejected")
OVERWRITE = "ai_overwrite_live"  # context: a person saw the hand edit and gives it up
OUT_OF_USE = {"approved_by_id": False, "approved_on": False}


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductAiDescription(models.Model):
    _inherit = "product.ai.description"

    def decide(self, part, decision):
        """Accept or reject one part of drafts ("accepted", "rejected"; False: not decided).

        A rejected part does not go live: what was approved before stays in its place.
        """
        if part not in PARTS or decision not in (*DECISIONS, False):
            raise UserError(self.env._("Accept or reject a part of the text."))
        self._check_draft()
        # Sudo: a decision is no text; who may edit drafts may decide, as was checked.
        for text in self.sudo():
            decisions = {**(text.decisions or {}), part: decision}
            text.decisions = {name: value for name, value in decisions.items() if value}
        self._rescore()
        return True

    def _check_draft(self):
        self.check_access("write")
        if any(text.state != "draft" for text in self):
            raise UserError(
                self.env._("Only drafts can be edited. Set the version back to draft first.")
            )

    def action_approve(self):
        """Put these versions to use; several at once is for managers.

        Where a live field was edited by hand since the last approval, a dialog asks first.
        """
        self._check_may_approve()
        waiting = self.filtered(lambda text: text.state != "approved")
        for text in waiting:
            if obstacles := text._approval_obstacles():
                raise UserError("\n".join([text.display_name, *obstacles]))
        if not self.env.context.get(OVERWRITE):
            edited = waiting.filtered(lambda text: text._hand_edits())
            if edited:
                return edited._ask_overwrite()
        waiting._approve()
        return True

    def _approve_passing(self):
        """Approve those of these versions that nothing speaks against; return the others' reasons.

        For managers and runs over many products: {version: [sentences]} of what was held back,
        hand edits among it. AccessError for other people.
        """
        self._check_may_approve()
        held = {}
        for texts in self.filtered(lambda text: text.state != "approved")._one_of_each():
            formers = texts.sudo()._formers()
            for text in texts:
                obstacles = text._approval_obstacles()
                if not obstacles and text._hand_edits(formers[text.sudo()]):
                    obstacles = [self.env._("A live field was edited by hand after the approval.")]
                if obstacles:
                    held[text] = obstacles
            texts.filtered(lambda text: text not in held)._approve()
        return held

    def _one_of_each(self):
        """Return these versions in groups without two of one product, company and language.

        The later of two replaces the earlier, as if they were approved one after the other.
        """
        groups, seen = [], Counter()
        for text in self:
            place = text._place()
            if seen[place] == len(groups):
                groups.append(self.browse())
            groups[seen[place]] += text
            seen[place] += 1
        return groups

    def _check_may_approve(self):
        self.check_access("write")
        if len(self) > 1 and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only AI administrators approve several texts at once."))

    def _approval_obstacles(self):
        """Return why this version cannot be approved: a list of sentences, empty if it can."""
        self.ensure_one()
        obstacles = []
        if not self._approved_parts():
            obstacles.append(self.env._("There is no text to approve."))
        opened = self.claim_ids.filtered(lambda claim: claim.state == "open")
        if opened:
            quoted = "; ".join(f"“{claim.text}”" for claim in opened[:3])
            obstacles.append(
                self.env._(
                    "Claims without a source: %(claims)s. Remove the words, or have an AI "
                    "administrator confirm them.",
                    claims=quoted,
                )
            )
        return obstacles + self.env["ai.studio.settings"]._of(self.company_id)._obstacles(self)

    def _approved_parts(self):
        """Return the parts that an approval puts to use."""
        decisions = self.decisions or {}
        return [part for part in self._written_parts() if decisions.get(part) != "rejected"]

    def _approve(self):
        """Put these versions to use, whatever stands in the live fields. Gates are the caller's."""
        # Sudo: approving is the right of whoever may write versions; products are not theirs.
        for texts in self.sudo()._one_of_each():
            formers = texts._formers()
            texts._keep_live_text(formers)
            replaced = texts.browse().union(*formers.values())
            replaced.write({"state": "replaced"})
            # Before the others are approved: there is never more than one.
            replaced.flush_recordset()
            for text, former in formers.items():
                text._put_to_use(former)

    def _put_to_use(self, former):
        """Note that this version is in use instead of `former`, and fill the live fields."""
        self.ensure_one()
        approved = self._approved_parts()
        kept = [part for part in PARTS if part not in approved]
        self.write(
            {
                **{part: former[part] if former else False for part in kept},
                # So that this version, restored one day, is what was in use.
                "decisions": {**(self.decisions or {}), **dict.fromkeys(kept, "kept")},
                "state": "approved",
                "approved_by_id": self.env.uid,
                "approved_on": fields.Datetime.now(),
            }
        )
        self._write_live(former)

    def action_reject(self):
        """Put drafts aside: they are neither shown nor used."""
        self._set_state("rejected")
        return True

    def action_reset(self):
        """Set versions back to draft, so that they can be edited."""
        self._set_state("draft")
        return True

    def action_restore(self):
        """Put an earlier version to use again, in one click; the gates hold for it too."""
        self.ensure_one()
        return self.action_approve()

    def _set_state(self, state):
        self.check_access("write")
        # Sudo: people set states by these buttons only.
        self.sudo().write({"state": state, **OUT_OF_USE})

    def action_open_review(self):
        """Open these versions for review, one after the other."""
        self.check_access("read")
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Review"),
            "res_model": self._name,
            "views": [(False, "form")],
        }
        if len(self) == 1:
            return {**action, "res_id": self.id}
        return {**action, "views": [(False, "list"), (False, "form")],
                "domain": [("id", "in", self.ids)]}  # fmt: skip

    def action_edit_part(self, part):
        """Open one part of a draft for editing."""
        self.ensure_one()
        self._check_draft()
        view = self.env.ref("semantic_product_description.product_ai_description_view_form_edit")
        return {
            "type": "ir.actions.act_window",
            "name": self._part_labels()[part],
            "res_model": self._name,
            "res_id": self.id,
            "views": [(view.id, "form")],
            "target": "new",
            "context": {"ai_part": part, "dialog_size": "large"},
        }

    def review_data(self):
        """Return what the review screen shows of this version.

        {"state", "version", "language", "score", "reasons": [[points, sentence]], "editable",
        "may_confirm", "obstacles": [sentence], "missing": [question], "parts": [{"name", "label",
        "decision", "length", "limit", "target", "rows": [[kind, text, marked]], "claims": [{"id",
        "text", "kind", "state", "source"}]}]}; the rows are pieces of a word-level difference.
        """
        self.ensure_one()
        self.check_access("read")
        current = self._current_parts()
        labels = self._part_labels()
        proposed = self.proposed or {}
        shown = [part for part in PARTS if proposed.get(part) or self[part]]
        return {
            "state": self.state,
            "version": self.version,
            "language": dict(self._fields["language"]._description_selection(self.env)).get(
                self.language, self.language
            ),
            "score": self.score,
            "reasons": [list(pair) for pair in self._score_sentences()],
            "editable": self.state == "draft" and self.has_access("write"),
            "may_confirm": self.env.user.has_group(MANAGER),
            "obstacles": self._approval_obstacles() if self.state == "draft" else [],
            "missing": self._missing_questions(),
            "parts": [self._review_part(part, labels[part], *current[part]) for part in shown],
        }

    def _review_part(self, part, label, current, target):
        claims = self.claim_ids.filtered(lambda claim: claim.part == part)
        kinds = dict(claims._fields["kind"]._description_selection(self.env))
        proposed = self._plain_part(part)
        opened = [claim.text for claim in claims if claim.state == "open"]
        return {
            "name": part,
            "label": label,
            "kind": KINDS[part],
            "decision": (self.decisions or {}).get(part, False),
            "length": len(proposed),
            "limit": LIMITS.get(part, 0),
            "target": target,
            "rows": marked(word_diff(current, proposed), opened),
            "claims": [
                {
                    "id": claim.id,
                    "text": claim.text,
                    "kind": kinds[claim.kind],
                    "state": claim.state,
                    "source": claim._source_label(),
                }
                for claim in claims
                if claim.state != "removed"
            ],
        }

    def _missing_questions(self):
        """Return what people are asked for: the questions of facts that are still missing."""
        self.ensure_one()
        product = self.product_tmpl_id.with_company(self.company_id)
        missing = product._ai_missing_facts(self.company_id)
        known = missing.mapped("code")
        # What the writer missed and nobody made a question of is told as it was named.
        others = self._other_missing(known)
        return [*missing.mapped("question"), *others]

    def _other_missing(self, known):
        # Sudo: as _for_products.
        required = self.env["ai.required.fact"].sudo()
        asked = required.search([("company_id", "=", self.company_id.id)]).mapped("code")
        return [name for name in self.missing or [] if name not in known and name not in asked]

    def action_answer_missing(self):
        """Open the questions about this version's product."""
        self.ensure_one()
        return self.product_tmpl_id.with_company(self.company_id).action_answer_missing()
