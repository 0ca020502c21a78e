"""The steps of a turn as a timeline, in the reader's language."""

from odoo import api, fields, models


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiConversationTurn(models.Model):
    _inherit = "ai.conversation.turn"

    trace_html = fields.Html("Trace Shown", compute="_compute_trace_html", sanitize=False)
    replay_html = fields.Html("Replay Shown", compute="_compute_replay_html", sanitize=False)

    @api.depends("steps", "sources")
    @api.depends_context("lang")
    def _compute_trace_html(self):
        for turn in self:
            turn.trace_html = turn._rendered_trace(turn.steps, turn.sources)

    @api.depends("replay_steps")
    @api.depends_context("lang")
    def _compute_replay_html(self):
        for turn in self:
            turn.replay_html = turn.replay_steps and turn._rendered_trace(turn.replay_steps, [])

    def _rendered_trace(self, steps, sources):
        """Return the steps as a timeline; every text is escaped by the template."""
        steps = [step for step in steps or [] if isinstance(step, dict)]
        longest = max((step.get("ms") or 0 for step in steps), default=0) or 1
        labels = {
            "route": self.env._("Route"),
            "prefetch": self.env._("Read ahead"),
            "tool": self.env._("Tool"),
            "llm": self.env._("Model"),
            "check": self.env._("Check"),
            "post": self.env._("Post"),
            "handoff": self.env._("Hand-off"),
        }
        names = self._step_names(steps)
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        shown = [
            {
                **step,
                "label": labels.get(step.get("kind"), step.get("kind")),
                "name": names.get(step.get("kind"), {}).get(step.get("name"), step.get("name")),
                "code": step.get("name"),
                "told": reasons.get(step.get("told"), step.get("told")),
                "ms": round(step.get("ms") or 0),
                "width": max(1, round(100 * (step.get("ms") or 0) / longest)),
            }
            for step in steps
        ]
        return self.env["ir.qweb"]._render(
            "ai_system.conversation_trace",
            {"steps": shown, "sources": self._labeled_sources(sources)},
        )

    def _step_names(self, steps):
        """Return {kind: {code: name}} of what people have a word for; models keep their own."""
        tools = [step.get("name") for step in steps if step.get("kind") == "tool"]
        # Sudo: readers of conversations need not see the tools; only their names are told.
        found = self.env["ai.tool"].sudo().search_fetch([("code", "in", tools)], ["code", "name"])
        crews = self._fields["crew"]._description_selection(self.env)
        reasons = self._fields["reason"]._description_selection(self.env)
        posts = {str(step.get("name")) for step in steps if step.get("kind") == "post"}
        return {
            "tool": {tool.code: tool.name for tool in found},
            "route": {
                **dict(crews),
                "menu": self.env._("Menu"),
                "mailbox": self.env._("Inbox"),
            },
            "prefetch": {
                "products": self.env._("Products"),
                "rules": self.env._("Rules"),
                "person": self.env._("Customer"),
            },
            "llm": {"describe_picture": self.env._("Look at the picture")},
            "check": {
                "evidence": self.env._("Evidence"),
                "model": self.env._("Language model"),
                "more": self.env._("More steps"),
            },
            "post": {
                **{
                    number: self.env._("Message %(number)s", number=number)
                    for number in posts
                    if number.isdigit()
                },
                "draft": self.env._("Draft for the team"),
                "sources": self.env._("Note with sources"),
            },
            "handoff": {
                **dict(reasons),
                "note": self.env._("Note to the team"),
                "opened": self.env._("Conversation opened"),
                "labels": self.env._("Labels"),
                "team": self.env._("Team"),
                "resolved": self.env._("Conversation resolved"),
            },
        }

    def _labeled_sources(self, sources):
        labels = {
            "rule": self.env._("Rule"),
            "scheduling": self.env._("Scheduling rule"),
            "document": self.env._("Document"),
            "profile": self.env._("Company"),
            "product": self.env._("Product"),
            "order": self.env._("Order"),
        }
        return [
            {**source, "kind": labels.get(source.get("kind"), source.get("kind"))}
            for source in sources or []
            if isinstance(source, dict)
        ]
