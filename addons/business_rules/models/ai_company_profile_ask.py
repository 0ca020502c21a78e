"""The box on the profile's form: a customer's question, and what the AI would answer."""

from odoo import models
from odoo.exceptions import AccessError, UserError

from .ai_job import KINDS

LONGEST = 1000  # characters of a question


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiCompanyProfile(models.Model):
    _inherit = "ai.company.profile"

    def ask(self, question):
        """Have the AI service answer `question` as it would a customer's; return its state.

        The same as answer_state. Raises UserError where nothing can be asked.
        """
        self.ensure_one()
        self._check_may_ask()
        question = " ".join((question or "").split())
        if not question:
            raise UserError(self.env._("Type a question first."))
        if len(question) > LONGEST:
            raise UserError(
                self.env._("A question has at most %(count)s characters.", count=LONGEST)
            )
        # Sudo: people ask without rights on the tenant.
        tenant = self.sudo().tenant_id
        tenant._check_connected()
        params = {"question": question, "language": tenant.language}
        job = self.env["ai.job"]._enqueue(tenant, "ask_rules", params, record=self)
        return self._answer_of(job)

    def answer_state(self, job_uuid=None):
        """Return how a question of this user stands; without an id, the newest one. Or False.

        {"job", "state", "question", "error", "answer", "rules": [{"kind", "model", "id", "name",
        "text", "score"}]}; a rule that the user cannot see (any more) has no name.
        """
        self.ensure_one()
        self._check_may_ask()
        domain = [
            ("action", "=", "ask_rules"),
            ("tenant_id", "=", self.sudo().tenant_id.id),
            ("user_id", "=", self.env.uid),
        ]
        if job_uuid:
            domain.append(("uuid", "=", job_uuid))
        # Sudo: people may not read what jobs hold; this is their own question.
        job = self.env["ai.job"].sudo().search(domain, order="id desc", limit=1)
        return self._answer_of(job) if job else False

    def _check_may_ask(self):
        self.check_access("read")
        if not self.env.user.has_group("ai_system.ai_system_group_user"):
            raise AccessError(self.env._("Only users of the AI System can ask."))

    def _answer_of(self, job):
        # Sudo: as in answer_state.
        job = job.sudo()
        done = job.state == "done"
        result = (job.result or {}) if done else {}
        reader = job.with_context(lang=self.env.lang, tz=self.env.user.tz)
        return {
            "job": job.uuid,
            "state": job.state,
            "question": (job.payload or {}).get("question", ""),
            "error": reader.error_display or "",
            "answer": result.get("answer", ""),
            "rules": [self._matched_rule(rule) for rule in result.get("rules", [])],
        }

    def _matched_rule(self, rule):
        model = KINDS[rule["kind"]]
        # Searched, not browsed: only what this user may see is named and linked.
        record = self.env[model].with_context(active_test=False).search([("id", "=", rule["id"])])
        score = rule.get("score")
        return {
            "kind": rule["kind"],
            "model": model,
            "id": rule["id"],
            "name": record.display_name or "",
            "text": str(rule.get("text") or "") if record else "",
            "score": score if isinstance(score, int | float) else 0,
        }
