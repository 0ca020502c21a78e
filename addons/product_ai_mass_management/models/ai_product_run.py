"""A run over many products: what is to be done, and the buttons that steer it."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.semantic_product_description.parts import PARTS

from .ai_product_run_line import STATES as LINE_STATES

MANAGER = "ai_system.ai_system_group_manager"
KINDS = [
    ("generate", "Generate texts"),
    ("sync", "Synchronize"),
    ("price", "Adjust prices for AI"),
    ("approve", "Approve texts"),
]
STATES = [
    ("draft", "Draft"),
    ("running", "Running"),
    ("paused", "Paused"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
OPEN = ("running", "paused")
PRIORITIES = [("0", "Normal"), ("1", "High"), ("2", "Urgent")]
METHODS = [
    ("percentage", "Percentage"),
    ("fixed", "Fixed amount"),
    ("match", "Match the list price"),
    ("remove", "Remove the AI price"),
]
BASES = [("list", "List price"), ("ai", "AI price")]
# Only managers change what customers are told of many products at once.
OF_MANAGERS = ("price", "approve")
ACTION = "generate_descriptions"  # the job of a run that writes
TRIAL = 5  # products that are tried first
KEPT_DRAFTS = timedelta(days=1)


class AiProductRun(models.Model):
    _name = "ai.product.run"
    _description = "Bulk Run over Products"
    _order = "id desc"

    kind = fields.Selection(KINDS, required=True, default="generate")
    state = fields.Selection(STATES, required=True, readonly=True, default="draft", index=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users", "Started by", readonly=True, default=lambda self: self.env.user
    )
    rule_id = fields.Many2one("ai.text.rule", readonly=True, ondelete="set null")
    product_ids = fields.Json("Chosen Products", help="Ids of products; the filter otherwise.")
    domain = fields.Char("Filter", default="[('sale_ok', '=', True)]")
    priority = fields.Selection(
        PRIORITIES, required=True, default="0", help="Runs of a higher priority go first."
    )
    fill_only_empty = fields.Boolean(
        "Only What Is Missing",
        default=True,
        help="Parts that a draft or an approved text has already are not written again.",
    )
    trial = fields.Boolean(
        "Try 5 First", help="Five texts are written; the run then waits for you to go on."
    )
    language_ids = fields.Many2many(
        "res.lang", string="Languages", default=lambda self: self._default_languages()
    )
    short_description = fields.Boolean(default=True)
    description = fields.Boolean(default=True)
    key_features = fields.Boolean(default=True)
    use_cases = fields.Boolean(default=True)
    tags = fields.Boolean(default=True)
    seo_title = fields.Boolean("Title for Search Engines", default=True)
    meta_description = fields.Boolean("Description for Search Engines", default=True)
    image_alt = fields.Boolean("Image Text", default=True)
    price_method = fields.Selection(METHODS, "Method", required=True, default="percentage")
    price_base = fields.Selection(BASES, "Base", required=True, default="list")
    price_amount = fields.Float("Change", help="Below 0 makes it cheaper.")
    minimum_score = fields.Integer(default=80)
    currency_id = fields.Many2one(related="company_id.currency_id")
    started_on = fields.Datetime(readonly=True)
    ended_on = fields.Datetime(readonly=True)
    line_ids = fields.One2many("ai.product.run.line", "run_id", "Lines")

    @api.model
    def _default_languages(self):
        tenant = self.env["ai.tenant"]._for_company(self.env.company)
        return self.env["res.lang"].search([("code", "=", tenant.language)])

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            run.display_name = f"{kinds.get(run.kind, '')} #{run.id or ''}".strip(" #")

    @api.constrains("minimum_score")
    def _check_minimum_score(self):
        if any(not 0 <= run.minimum_score <= 100 for run in self):
            raise ValidationError(self.env._("A score is between 0 and 100."))

    @api.constrains("price_method", "price_amount")
    def _check_price_amount(self):
        if any(run.price_method == "percentage" and run.price_amount <= -100 for run in self):
            raise ValidationError(self.env._("A price falls by less than 100 percent."))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # Also against defaults in the context: a run is started by its button only.
            own = {"state": "draft", "user_id": self.env.uid, "rule_id": False}
            vals_list = [{**vals, **own} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and vals.keys() - {"priority"}:
            if any(run.state != "draft" for run in self):
                raise UserError(self.env._("A run that was started keeps its settings."))
            if {"state", "user_id", "rule_id", "company_id"} & vals.keys():
                raise AccessError(self.env._("Runs are started by their buttons."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self):
        if any(run.state in OPEN for run in self):
            raise UserError(self.env._("Cancel a run before you delete it."))

    @api.autovacuum
    def _gc_drafts(self):
        """Remove what was asked for in a dialog and never started."""
        old = fields.Datetime.now() - KEPT_DRAFTS
        self.search([("state", "=", "draft"), ("write_date", "<", old)]).unlink()

    def action_start(self):
        """Fix the lines and begin; return the action that shows the run."""
        self.ensure_one()
        self.check_access("write")
        self._check_may_start()
        if self.state != "draft":
            raise UserError(self.env._("This run was started already."))
        started = self._as_system()
        started.write({"state": "running", "started_on": fields.Datetime.now()})
        started._make_lines()
        if not started._lines(*dict(LINE_STATES), limit=1):
            raise UserError(
                self.env._("There is nothing to do: no product of the AI's company was chosen.")
            )
        if self.kind == "generate":
            # Made now: many briefs at once would all want to make them.
            self.env["ai.studio.settings"]._of(self.company_id)
        started._advance()
        started._wake()
        return self._open()

    def action_pause(self):
        """Send nothing more; what is under way still comes in."""
        self._check_may_steer()
        self._as_system().filtered(lambda run: run.state == "running")._set_state("paused")
        return True

    def action_resume(self):
        """Go on where the run stopped."""
        self._check_may_steer()
        for run in self._as_system().filtered(lambda run: run.state == "paused"):
            run.trial = False
            run._set_state("running")
            run._advance()
            run._wake()
        return True

    def action_cancel(self):
        """Do nothing more; what is under way still comes in and is kept."""
        self._check_may_steer()
        for run in self._as_system().filtered(lambda run: run.state in OPEN):
            run._move_lines("waiting", "cancelled")
            run.ended_on = fields.Datetime.now()
            run._set_state("cancelled")
        return True

    def action_retry_failed(self):
        """Do the failed lines again, and only those."""
        self._check_may_steer()
        for run in self._as_system():
            if not run._move_lines("failed", "waiting"):
                raise UserError(self.env._("No line failed."))
            run.ended_on = False
            run._set_state("running")
            run._advance()
            run._wake()
        return True

    def action_view_lines(self):
        """Open the lines, failed ones first to see where there are some."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "ai.product.run.line",
            "views": [(False, "list")],
            "domain": [("run_id", "=", self.id)],
            "context": {"search_default_failed": bool(self.failed_count)},
        }

    def action_review(self):
        """Open the drafts that this run wrote, for review one after the other."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "semantic_product_description.product_ai_description_action"
        )
        drafts = [("run_line_ids.run_id", "=", self.id), ("state", "=", "draft")]
        return {**action, "name": self.env._("Review"), "domain": drafts, "context": {}}

    def _open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _check_may_start(self):
        tenant = self._tenant()
        if self.kind in OF_MANAGERS and not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Only AI administrators do this for several products at once.")
            )
        if self.kind in ("generate", "sync"):
            self._check_connected(tenant)
        if self.kind == "generate" and not (self._parts() and self.language_ids):
            raise UserError(self.env._("Choose at least one part and one language."))

    def _check_connected(self, tenant):
        if obstacle := tenant._search_obstacle():
            raise UserError(obstacle)

    def _check_may_steer(self):
        self.check_access("read")
        if not self.env.user.has_group(MANAGER) and any(
            run.user_id != self.env.user for run in self
        ):
            raise AccessError(self.env._("Only AI administrators steer the runs of other people."))

    def _as_system(self):
        """Return these runs as the system steers them, each in its company."""
        # Sudo: nobody writes states and lines by hand; who may steer was checked.
        return self.sudo().with_company(self.company_id[:1])

    def _tenant(self):
        self.ensure_one()
        return self.env["ai.tenant"]._for_company(self.company_id)

    def _parts(self):
        self.ensure_one()
        return [part for part in PARTS if self[part]]

    def _set_state(self, state):
        self.write({"state": state})
        for run in self:
            run._tell()

    @api.model
    def _wake(self):
        # Sudo: crons belong to the system; the trigger takes effect at commit.
        self.env.ref("product_ai_mass_management.ir_cron_advance_runs").sudo()._trigger()
