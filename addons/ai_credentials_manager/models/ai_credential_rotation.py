"""Rotation of the vault's keys: every secret is encrypted anew with the newest one.

A cron does it in small batches, each committed by itself, so that nobody who edits a credential
waits for long and a crash loses nothing: what carries the newest key already is left alone.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..exceptions import VaultUnavailable

BATCH = 100  # secrets encrypted per transaction
STATES = [
    ("ready", "Ready"),
    ("running", "Running"),
    ("done", "Done"),
    ("failed", "Failed"),
]


class AiCredentialRotation(models.Model):
    _name = "ai.credential.rotation"
    _description = "Rotation of the Vault's Keys"
    _order = "id desc"

    state = fields.Selection(STATES, required=True, readonly=True, default="ready")
    user_id = fields.Many2one("res.users", "Started by", readonly=True)
    started_on = fields.Datetime(readonly=True)
    ended_on = fields.Datetime(readonly=True)
    newest_key = fields.Char(compute="_compute_keys")
    key_table = fields.Html("Keys in Use", compute="_compute_keys", sanitize=False)
    pending_count = fields.Integer(compute="_compute_keys")
    vault_error = fields.Text(compute="_compute_keys")
    total = fields.Integer(readonly=True)
    processed = fields.Integer("Progress", readonly=True)
    last_line = fields.Integer(readonly=True, help="Where a batch that follows goes on.")
    problems = fields.Text("Left with Their Old Key", readonly=True)

    @api.depends("started_on")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for rotation in self:
            rotation.display_name = self.env._("Rotate Keys")

    @api.depends("state", "processed")
    @api.depends_context("lang")
    def _compute_keys(self):
        lines = self._lines()
        # Read anew: a batch may have been committed since this transaction looked.
        counts = dict(lines._read_group([("is_set", "=", True)], ["key_fingerprint"], ["__count"]))
        try:
            known = lines._open_vault().fingerprints
            error = False
        except VaultUnavailable as unavailable:
            known, error = (), str(unavailable)
        rows = [
            {
                "fingerprint": fingerprint,
                "role": self._role(fingerprint, known),
                "count": counts.get(fingerprint, 0),
            }
            for fingerprint in [*known, *sorted(counts.keys() - set(known))]
        ]
        self.newest_key = known[0] if known else False
        self.vault_error = error
        self.pending_count = sum(counts.get(fingerprint, 0) for fingerprint in known[1:])
        self.key_table = self.env["ir.qweb"]._render(
            "ai_credentials_manager.ai_credential_rotation_keys", {"rows": rows, "error": error}
        )

    @api.model
    def _role(self, fingerprint, known):
        if fingerprint not in known:
            return "gone"
        return "newest" if fingerprint == known[0] else "old"

    @api.model
    def action_open(self):
        """Open the rotation that is under way, else a new one."""
        self._check_group()
        # Sudo: rotations are made by this method and by the cron only.
        rotation = self.sudo().search([("state", "in", ("ready", "running"))], limit=1)
        rotation = rotation or self.sudo().create({})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Rotate Keys"),
            "res_model": self._name,
            "res_id": rotation.id,
            "views": [(False, "form")],
        }

    def action_rotate(self):
        """Have every secret that is not on the newest key encrypted with it."""
        self.ensure_one()
        self._check_group()
        if self.state == "running":
            raise UserError(self.env._("The rotation is under way already."))
        newest = self._lines()._open_vault().newest.fingerprint
        if not self._stale(newest):
            raise UserError(self._nothing_to_do(newest))
        # Sudo: as in action_open.
        self.sudo().write(
            {
                "state": "running",
                "user_id": self.env.uid,
                "started_on": fields.Datetime.now(),
                "ended_on": False,
                "total": len(self._stale(newest)),
                "processed": 0,
                "last_line": 0,
                "problems": False,
            }
        )
        # Sudo: crons belong to the system; the trigger takes effect at commit.
        self.env.ref("ai_credentials_manager.ir_cron_rotate").sudo()._trigger()
        return True

    @api.model
    def _check_group(self):
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Only system administrators rotate the vault's keys."))

    def _nothing_to_do(self, newest):
        return self.env._(
            "Every secret is on the newest key, %(key)s, already. To rotate, first make another "
            "key with “openssl rand -base64 32” and put it before the others, in the key file or "
            "in AI_CREDENTIALS_KEYS (then restart Odoo). Keep the old key until the rotation is "
            "done.",
            key=newest,
        )

    @api.model
    def _lines(self):
        # Sudo: the keys are the house's, not a company's.
        return self.env["ai.credential.line"].sudo()

    @api.model
    def _stale(self, newest, after=0):
        """Return the lines after the id `after` whose secret is not on the `newest` key."""
        return self._lines().search(
            [("is_set", "=", True), ("key_fingerprint", "!=", newest), ("id", ">", after)],
            order="id",
        )

    @api.model
    def _cron_rotate(self):
        """Go on with the rotation that is under way, as long as the cron may run."""
        rotation = self.search([("state", "=", "running")], limit=1)
        seconds_left = 1
        while rotation and rotation.state == "running" and seconds_left > 0:
            position = rotation.last_line
            try:
                moved = rotation._rotate_batch()
            except VaultUnavailable as error:
                rotation._end("failed", str(error))
                moved = 0
            rotation._tell()
            remaining = max(rotation.total - rotation.processed, 0)
            remaining = remaining if rotation.state == "running" else 0
            seconds_left = self.env["ir.cron"]._commit_progress(moved, remaining=remaining)
            if rotation.last_line < position:
                break  # somebody holds a secret: look again when the cron next runs

    def _rotate_batch(self):
        """Encrypt the next secrets anew and return how many; end the rotation after the last."""
        self.ensure_one()
        opened = self._lines()._open_vault()
        newest = opened.newest.fingerprint
        batch = self._stale(newest, self.last_line)[:BATCH]
        if not batch:
            self._finish(newest)
            return 0
        # A line that somebody is writing gets the newest key by that.
        lines = batch.try_lock_for_update(allow_referencing=True)
        moved = lines.browse()
        for line in lines:
            try:
                line._seal_again(line._open())
            except VaultUnavailable:
                continue  # named at the end
            moved |= line
        for tenant, of_tenant in moved.grouped("tenant_id").items():
            # Sudo: the cron rotates for whoever started it.
            tenant.with_user(self.user_id).sudo()._audit(
                "rotate", ", ".join(of_tenant.mapped("ref"))
            )
        self.write({"processed": self.processed + len(moved), "last_line": batch[-1:].id})
        return len(moved)

    def _finish(self, newest):
        """End the rotation and name what kept its old key, or start over for what was locked."""
        self.ensure_one()
        problems = []
        for line in self._stale(newest):
            try:
                line._open()
            except VaultUnavailable as error:
                problems.append(f"{line.tenant_id.name} ({line.tenant_id.account_id}): {error}")
            else:
                self.last_line = line.id - 1  # it was locked when its turn came
                return
        self.processed = self.total - len(problems)
        self._end("done", "\n".join(problems))

    def _end(self, state, problems):
        self.write(
            {"state": state, "ended_on": fields.Datetime.now(), "problems": problems or False}
        )

    def _tell(self):
        """Have the open form show how far the rotation is, at commit (docs/contracts.md, Buses)."""
        for rotation in self:
            rotation.user_id.partner_id._bus_send(
                "ai_system.job",
                {
                    "job_id": f"rotation-{rotation.id}",
                    "model": rotation._name,
                    "res_id": rotation.id,
                    "action": "rotate_keys",
                    "state": "running",
                    "error": False,
                },
            )
