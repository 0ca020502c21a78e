import logging
import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.http import request
from odoo.tools import config

from .. import audit_chain, audit_reasons, vault
from ..audit_anchor import Anchor, AnchorUnusable
from ..audit_writer import AuditUnavailable, AuditWriter, utc_now

_logger = logging.getLogger(__name__)

OPERATIONS = [
    ("create", "Create"),
    ("read", "Read"),
    ("write", "Write"),
    ("unlink", "Delete"),
    ("export", "Export"),
    ("connect", "Connect"),
    ("disconnect", "Disconnect"),
    ("enroll", "Enroll"),
    ("setup", "Set Up Channel"),
    ("new_address", "New Webhook Address"),
    ("sync", "Synchronize"),
    ("test_connection", "Test Connection"),
    ("lease", "Lease"),
    ("rotate", "Rotate Keys"),
    ("revoke", "Revoke"),
    ("webhook", "Webhook"),
    ("request", "Request"),
    ("tool", "Tool"),
    ("audit", "Report to the Log"),
    ("verify", "Verify Log"),
    ("anchor", "Anchor of the Log"),
    ("other", "Other"),
]
RESULTS = [("ok", "OK"), ("refused", "Refused"), ("error", "Error")]
LENGTHS = {"login": 128, "service": 64, "ip": 64, "subject": 256, "code": 64, "uuid": 128}
ACTIVITY = "ai_credentials_manager.mail_activity_type_audit"
QUEUE = "ai_credentials_manager.audit"
SHOWN_FAULTS = 8  # that a notice lists


class _Many2oneWithoutForeignKey(fields.Many2one):
    """A link that neither keeps a record from being deleted nor changes with it."""

    def update_db_foreign_key(self, model, column):
        pass


class AiAuditLog(models.Model):
    """Who did what with secrets and tenants. Rows are only ever added, by the AuditWriter."""

    _name = "ai.audit.log"
    _description = "AI Access Log"
    _log_access = False
    _order = "sequence desc"
    _rec_name = "subject"

    sequence = fields.Integer("No.", required=True, readonly=True, aggregator=None)
    at = fields.Datetime("Time", required=True, readonly=True)
    told_at = fields.Datetime(
        "Time at the Service", readonly=True, help="What the reporting service's own clock said."
    )
    company_id = _Many2oneWithoutForeignKey("res.company", readonly=True, index=True)
    tenant_id = _Many2oneWithoutForeignKey("ai.tenant", readonly=True)
    account = fields.Char("Account ID", readonly=True)
    user_id = _Many2oneWithoutForeignKey("res.users", "User Record", readonly=True)
    login = fields.Char("User", readonly=True)
    service = fields.Char(readonly=True)
    actor = fields.Char("User or Service", compute="_compute_actor")
    ip = fields.Char("IP Address", readonly=True)
    operation = fields.Selection(OPERATIONS, required=True, readonly=True)
    subject = fields.Char(
        readonly=True, help="Name of the secret or record that it was about; never a value."
    )
    result = fields.Selection(RESULTS, required=True, readonly=True)
    code = fields.Char(readonly=True)
    reason = fields.Char(compute="_compute_reason")
    count = fields.Integer(
        "Times",
        required=True,
        readonly=True,
        help="Refusals that repeat within a minute are one more row that counts them.",
    )
    uuid = fields.Char("Reference", readonly=True)
    link = fields.Char(required=True, readonly=True)
    mac = fields.Char("MAC", readonly=True)
    key_fingerprint = fields.Char("Key", readonly=True)

    _sequence_unique = models.UniqueIndex("(sequence)")
    _uuid_unique = models.UniqueIndex("(uuid) WHERE uuid IS NOT NULL")
    _at_index = models.Index("(at)")

    @api.depends("login", "service")
    @api.depends_context("lang")
    def _compute_actor(self):
        nobody = {"__system__": self.env._("System"), False: self.env._("Unknown")}
        for row in self:
            row.actor = row.service or nobody.get(row.login, row.login)

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_reason(self):
        reasons = audit_reasons.in_words(self.env)
        for row in self:
            row.reason = reasons.get(row.code, row.code)

    @api.depends("sequence")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"#{row.sequence}"

    # Nothing of these is left to super(): the AuditWriter alone adds rows.
    # pylint: disable=method-required-super,no-raise-unlink

    @api.model_create_multi
    def create(self, vals_list):
        raise self._unchangeable("create")

    def write(self, vals):
        raise self._unchangeable("write")

    def unlink(self):
        raise self._unchangeable("unlink")

    def copy(self, default=None):
        raise self._unchangeable("create")

    # pylint: enable=method-required-super,no-raise-unlink

    @api.model
    def _unchangeable(self, operation):
        """Return the error for a try to change the log, and log the try."""
        self._log_now(self._prepare_row(operation, self._name, "refused", "read_only"))
        return AccessError(
            self.env._("The access log only grows: nobody can add, change or delete its rows.")
        )

    @api.model
    def action_verify(self, _selected=None):
        """Check the whole log, whatever rows are selected, and tell the result in words."""
        if not self.env.user.has_group("ai_system.ai_system_group_manager"):
            raise AccessError(self.env._("Only administrators of the AI System verify the log."))
        report = self._verify()
        if sentences := self._sentences(report):
            title = self.env._("The access log is not intact")
            return self._notice("danger", title, " ".join(sentences), sticky=True)
        message = self.env._("All %(count)s entries are as they were written.", count=report.rows)
        return self._notice("success", self.env._("The access log is intact"), message)

    @api.model
    def _notice(self, kind, title, message, sticky=False):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "title": title,
                "message": message,
                "sticky": sticky,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _verify(self):
        """Verify the log, note that it was done, and return the Report.

        None when the anchor cannot be read.
        """
        try:
            report = self._writer().verify()
        except AnchorUnusable:
            return None  # then no row can be written either
        if report.fault_count:
            fault = report.faults[0]
            row = self._prepare_row("verify", f"#{fault.first}", "error", fault.kind)
        else:
            row = self._prepare_row("verify", "")
        self._log_now(row)
        return report

    @api.model
    def _sentences(self, report):
        """Return in words what a report of _verify found, an empty list when nothing."""
        if report is None:
            return [
                self.env._(
                    "The file outside the database that remembers the end of the log cannot be "
                    "read. Look into the folder “ai_audit” of Odoo's data directory."
                )
            ]
        shown = report.faults[:SHOWN_FAULTS]
        sentences = [audit_reasons.fault_sentence(self.env, fault) for fault in shown]
        if (more := report.fault_count - len(sentences)) > 0:
            sentences.append(self.env._("There are %(count)s more findings.", count=more))
        return sentences

    @api.model
    def _note(self, tenant, operation, subject, result="ok", code="", **more):
        """Log that `operation` was done to `subject`, for `tenant` (may be empty).

        A success is written when the transaction commits, which fails when that is impossible; a
        refusal or an error at once, and it stays. more: further fields of the row. Raises
        UserError when the log cannot be written.
        """
        row = self._prepare_row(operation, subject, result, code, tenant, **more)
        if result == "ok":
            self._log_at_commit(row)
        else:
            self._log_now(row)

    @api.model
    def _prepare_row(self, operation, subject, result="ok", code="", tenant=None, **more):
        """Return a row for the writer: who acts, from where, what on; texts cut to size."""
        if operation not in dict(OPERATIONS):
            operation, subject = "other", f"{operation}: {subject}"
        row = {
            "operation": operation,
            "subject": subject,
            "result": result,
            "code": code,
            "ip": request.httprequest.remote_addr if request else None,
            **self._prepare_actor(),
            **more,
        }
        if tenant:
            row["company_id"] = tenant.company_id.id
            row["tenant_id"] = tenant.id
            row["account"] = tenant.account_id
        elif self.env.uid not in (None, api.SUPERUSER_ID):
            row["company_id"] = self.env.company.id
        for name, length in LENGTHS.items():
            # PostgreSQL keeps no NUL, and JSON no half characters.
            text = str(row.get(name) or "").replace("\0", "")[:length]
            row[name] = text.encode(errors="replace").decode() or None
        return row

    @api.model
    def _prepare_actor(self):
        uid = self.env.uid
        if request and uid in (None, api.SUPERUSER_ID):
            # Who is behind code that runs as the superuser.
            uid = request.session.uid or uid
        # Sudo: the login of whoever acts.
        login = self.env["res.users"].sudo().browse(uid).login if uid else None
        return {"user_id": uid or None, "login": login}

    @api.model
    def _append(self, rows):
        """Write `rows` in a transaction of its own and return its connection.

        Raises UserError when that is impossible.
        """
        try:
            return self._writer().append(rows)
        except AuditUnavailable as error:
            raise self._unavailable() from error

    @api.model
    def _log_now(self, row):
        """Write `row` at once; repeated refusals and errors are counted, not written each.

        Raises UserError when it cannot be written.
        """
        if row["result"] == "ok":
            self._append([row])
            return
        try:
            self._writer().append_refusal(row)
        except AuditUnavailable as error:
            raise self._unavailable() from error

    @api.model
    def _log_at_commit(self, row):
        callbacks = self.env.cr.precommit
        if QUEUE not in callbacks.data:
            callbacks.data[QUEUE] = []
            callbacks.add(self._write_queue)
        callbacks.data[QUEUE].append({"at": utc_now(), **row})

    @api.model
    def _write_queue(self):
        """Write the successes of this transaction, right before it commits.

        A savepoint flushes too. Should the transaction be rolled back after that, rows that say so
        follow: the log may say too much about what was tried, but not too little.
        """
        rows = self.env.cr.precommit.data.pop(QUEUE, [])
        cr = self.env.cr
        if self._append(rows) is not cr.connection:
            cr.postrollback.add(partial(_append_rolled_back, self._writer(), rows))

    @api.model
    def _unavailable(self):
        return UserError(
            self.env._(
                "The access log cannot be written, so this was not done. Look into the log of the "
                "server and check the database and the folder “ai_audit” of Odoo's data directory."
            )
        )

    @api.model
    def _writer(self):
        """Return the AuditWriter of this database."""
        return AuditWriter(self._cursor_opener(), _audit_keys, Anchor(self._anchor_path()))

    @api.model
    def _anchor_path(self):
        """Return where the anchor is kept: outside the database, in Odoo's data directory."""
        # Sudo: only the system group reads parameters.
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        # A copy of a database keeps its uuid: with the name, each has an anchor of its own.
        name = f"{uuid}-{quote(self.env.cr.dbname, safe='')}.anchor"
        return Path(config["data_dir"]) / "ai_audit" / name

    @api.model
    def _cursor_opener(self):
        registry, cr = self.env.registry, self.env.cr
        # While modules are installed, only the installing transaction sees the tables.
        return registry.cursor if registry.ready else partial(_same_cursor, cr)

    @api.model
    def _cron_append_bursts(self):
        self._writer().append_bursts()

    @api.model
    def _cron_verify(self):
        """Verify the log and give every system administrator an activity when it fails."""
        report = self._verify()
        if not (sentences := self._sentences(report)):
            return
        _logger.warning("the access log is not intact: %s", " ".join(sentences))
        kind = self.env.ref(ACTIVITY)
        for user in self.env.ref("base.group_system").all_user_ids:
            partner = user.partner_id
            if kind in partner.activity_ids.activity_type_id:
                continue
            told = self.with_context(lang=user.lang)._sentences(report)
            partner.activity_schedule(ACTIVITY, user_id=user.id, note=Markup("<br/>").join(told))


@contextmanager
def _same_cursor(cr):
    yield cr


def _audit_keys():
    """Return {fingerprint: audit key}, the newest first; empty when the vault has no key."""
    try:
        keys = vault.SOURCE.keys(os.environ, config)
    except vault.VaultError:
        return {}
    return {key.fingerprint: key.derive(audit_chain.PURPOSE) for key in keys}


def _append_rolled_back(writer, rows):
    undone = [{**row, "result": "error", "code": "rolled_back", "uuid": None} for row in rows]
    try:
        writer.append(undone)
    except AuditUnavailable:
        _logger.exception("the access log cannot tell that %s rows were rolled back", len(rows))
