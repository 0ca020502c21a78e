"""What the AI service keeps a copy of: whether it may, and how that copy stands."""

from odoo import api, fields, models
from odoo.fields import Domain

SYNC_STATES = [
    ("not_synced", "Not Synced"),
    ("syncing", "Syncing"),
    ("synced", "Synced"),
    ("to_sync", "Needs Update"),
    ("error", "Sync Error"),
]
# What a finished or failed sync leaves alone: it changed again, or another job has it.
UNDER_WAY = "syncing"


def check_profile(env, vals):
    """Raise AccessError when `vals` would move a record to a profile of somebody else's.

    Record rules look at what a record was before it is written, not at what it becomes.
    """
    if vals.get("profile_id"):
        env["ai.company.profile"].browse(vals["profile_id"]).check_access("write")


class AiSynced(models.AbstractModel):
    """Mixin. A model sets the kind it has in references and the fields whose change counts."""

    _name = "ai.synced"
    _description = "Known to the AI System"

    _synced_kind = ""
    _synced_fields = frozenset()

    active = fields.Boolean(default=True)
    available = fields.Boolean(
        "Available in the AI System",
        default=True,
        tracking=True,
        help="The AI uses this when it answers customers.",
    )
    sync_state = fields.Selection(
        SYNC_STATES,
        "Synchronization",
        required=True,
        readonly=True,
        copy=False,
        default="not_synced",
    )
    last_sync = fields.Datetime("Last Synchronization", readonly=True, copy=False)
    sync_error = fields.Char("Synchronization Error", readonly=True, copy=False)
    sync_job_id = fields.Many2one(
        "ai.job", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    vector_id = fields.Char(
        "Vector ID", readonly=True, copy=False, help="Of the point in the search of the AI service."
    )
    changed_on = fields.Datetime(
        readonly=True, copy=False, default=fields.Datetime.now, help="When its content changed."
    )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._told()._content_changed()
        return records

    def write(self, vals):
        check_profile(self.env, vals)
        result = super().write(vals)
        if (self._synced_fields | {"available", "active"}) & vals.keys():
            self._content_changed()
        return result

    def unlink(self):
        gone = self.filtered(lambda record: record.sync_state != "not_synced" or record.vector_id)
        jobs = self.env["ai.job"]
        for profile in gone._sync_profile():
            ids = gone.filtered(lambda record, p=profile: record._sync_profile() == p).ids
            jobs._queue_rules_removal(profile.tenant_id, {self._synced_kind: ids})
        return super().unlink()

    def action_synchronize(self):
        """Offer these records to the AI service now, also when nothing changed."""
        self.check_access("write")
        for profile in self._sync_profile():
            profile.tenant_id._check_connected()
        self._content_changed()
        return True

    def action_preview(self):
        """Open, word for word, what the AI gets of this record."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("In the AI System"),
            "res_model": "ai.rule.preview",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_model": self._name, "default_res_id": self.id},
        }

    def _sync_profile(self):
        """Return the profiles of these records; the profile itself overrides it."""
        return self.profile_id

    def _content_changed(self):
        """Note that the AI service's copy is out of date, and have it brought up to date."""
        if not self:
            return
        self._set_sync({"changed_on": fields.Datetime.now(), "sync_error": False})
        known = self.filtered(lambda record: record.sync_state != "not_synced")
        known._set_sync({"sync_state": "to_sync"})
        for profile in (known | self._told())._sync_profile():
            self.env["ai.job"]._queue_rules_sync(profile)

    def _set_sync(self, vals):
        # Sudo: how the copy stands is noted by whoever causes it, with rights on the content only.
        self.sudo().with_context(mail_notrack=True).write(vals)

    def _told(self):
        """Return those of these records whose content the AI is given, now or when it is time."""
        return self.filtered(lambda record: record.available and record.active)

    def _untold_reason(self):
        """Return why the AI is not told of this record now, False when it is."""
        self.ensure_one()
        if not self.active:
            return self.env._("The AI does not know it: it is archived.")
        if not self.available:
            return self.env._("The AI does not know it: it is not available in the AI System.")
        return False

    @api.model
    def _unsynced_domain(self):
        """Return the domain of what a sync of changes has to carry."""
        fresh = Domain("sync_state", "=", "not_synced") & Domain("available", "=", True)
        stale = Domain("sync_state", "in", ("to_sync", "error"))
        return stale | (fresh & Domain("active", "=", True))

    def _start_sync(self, job):
        """Note that `job` carries these records; what is up to date stays so."""
        waiting = self.filtered(lambda record: record.sync_state != "synced")
        waiting._set_sync({"sync_state": UNDER_WAY, "sync_job_id": job.id, "sync_error": False})

    def _end_sync(self, points):
        """Note how a sync that carried these records ended. points: {"rule/5": point id, …}.

        A point for each record that the AI service now holds, also those that were unchanged; the
        profile needs none.
        """
        told = self._told()
        now = fields.Datetime.now()
        for record in self:
            point = points.get(f"{self._synced_kind}/{record.id}")
            if record not in told:
                vals = {"sync_state": "not_synced", "vector_id": False}
            elif point or self._synced_kind == "profile":
                vals = {"sync_state": "synced", "vector_id": point}
            else:
                vals = {
                    "sync_state": "error",
                    "sync_error": self.env._("The AI service did not take this record."),
                }
            record._set_sync({**vals, "last_sync": now})
