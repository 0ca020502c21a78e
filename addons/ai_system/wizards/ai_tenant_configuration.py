import json

from markupsafe import Markup

from odoo import api, fields, models

from ..configuration import NotYaml, differences, render, split_document

STATES = [
    ("waiting", "Comparing"),
    ("equal", "No difference"),
    ("different", "Different"),
    ("failed", "Failed"),
    ("not_connected", "Not connected"),
]
COLORS = {
    "+": "text-success-emphasis bg-success-subtle",
    "-": "text-danger-emphasis bg-danger-subtle",
    "@": "text-muted",
}


class AiTenantConfiguration(models.TransientModel):
    """The files that a synchronization would push, beside what the AI service holds."""

    _name = "ai.tenant.configuration"
    _description = "Configuration of a Tenant"
    _rec_name = "tenant_id"

    tenant_id = fields.Many2one("ai.tenant", required=True, readonly=True, ondelete="cascade")
    state = fields.Selection(STATES, required=True, readonly=True, default="waiting")
    # JSON as text: the database's own JSON would not keep the order of the keys.
    document = fields.Text(readonly=True)
    held = fields.Json(readonly=True)
    job_id = fields.Many2one("ai.job", readonly=True, ondelete="set null")
    error_text = fields.Text(compute="_compute_error_text")
    files_html = fields.Html("Files", compute="_compute_files_html", sanitize=False)
    difference_html = fields.Html("Difference", compute="_compute_difference_html", sanitize=False)

    @api.depends("job_id.error_display", "state")
    @api.depends_context("lang", "tz")
    def _compute_error_text(self):
        for wizard in self:
            wizard.error_text = wizard.state == "failed" and wizard.job_id.error_display

    @api.depends("document")
    def _compute_files_html(self):
        for wizard in self:
            files = split_document(json.loads(wizard.document))
            wizard.files_html = Markup("").join(
                _block(wizard._path(name), [(line, "") for line in render(content).splitlines()])
                for name, content in files.items()
            )

    @api.depends("document", "held", "state")
    @api.depends_context("lang")
    def _compute_difference_html(self):
        for wizard in self:
            blocks = []
            for file in wizard._differences():
                lines = [(line, COLORS.get(line[:1], "")) for line in file.lines]
                if lines:
                    blocks.append(_block(wizard._path(file.name), lines))
                if file.by_hand:
                    text = self.env._(
                        "Added by hand in %(file)s, and kept: %(keys)s",
                        file=wizard._path(file.name),
                        keys=", ".join(file.by_hand),
                    )
                    blocks.append(Markup("<p class='text-muted'>%s</p>") % text)
            wizard.difference_html = Markup("").join(blocks)

    def _path(self, name):
        return f"{self.tenant_id.business_area}/{self.tenant_id.account_id}/{name}"

    def _differences(self):
        self.ensure_one()
        if self.state not in ("equal", "different"):
            return []
        # Sudo: the last push is for managers only, like this dialog; the tenant was checked.
        pushed = self.tenant_id.sudo().pushed_document
        return differences(json.loads(self.document), pushed, self.held or {})

    @api.model
    def _open(self, tenant):
        """Return the action that shows the configuration of `tenant`; asks the sidecar for its."""
        tenant.check_access("write")
        connected = tenant._client() is not None
        # Sudo: nobody makes such a dialog up, for what it may show was checked here.
        wizard = self.sudo().create(
            {
                "tenant_id": tenant.id,
                "document": json.dumps(tenant._tenant_document()),
                "state": "waiting" if connected else "not_connected",
            }
        )
        if connected:
            wizard.job_id = self.env["ai.job"]._enqueue(tenant, "get_config", {}, record=wizard)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Configuration"),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _show_held(self, files):
        """Take over the files that the AI service holds: {name: YAML}."""
        for wizard in self:
            wizard.write({"held": files, "state": "different"})
            try:
                found = wizard._differences()
            except NotYaml:
                wizard.state = "failed"
                continue
            if not any(file.lines for file in found):
                wizard.state = "equal"


def _block(title, lines):
    """Return one file as HTML: `lines` are pairs of a text and a CSS class."""
    rows = Markup("").join(
        Markup("<div class='%s' style='white-space: pre-wrap'>%s</div>") % (color, line or " ")
        for line, color in lines
    )
    return Markup(
        "<div class='fw-bold mt-2'>%s</div>"
        "<div class='font-monospace small border rounded p-2 mb-3 bg-view'>%s</div>"
    ) % (title, rows)
