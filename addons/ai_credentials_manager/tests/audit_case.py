import tempfile
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.sql_db import db_connect
from odoo.tools import SQL

from ..audit_anchor import Anchor
from .common import CredentialsCase

SCHEMA = "ai_audit_test"
TABLES = ("ai_audit_log", "ai_audit_head", "ai_audit_burst")


class AuditCase(CredentialsCase):
    """A log of its own in a schema of its own: really committed, and gone after the tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = db_connect(cls.env.cr.dbname)
        cls.addClassCleanup(cls._in_schema, f"DROP SCHEMA {SCHEMA} CASCADE")
        cls._in_schema(
            f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA};"
            + ";".join(f"CREATE TABLE {SCHEMA}.{t} (LIKE public.{t} INCLUDING ALL)" for t in TABLES)
        )
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.anchor_path = Path(folder.name) / "ai_audit" / "test.anchor"
        cls.anchor = Anchor(cls.anchor_path)
        log = cls.registry["ai.audit.log"]
        for name, value in (("_cursor_opener", cls._opened), ("_anchor_path", cls.anchor_path)):
            given = patch.object(log, name, lambda self, value=value: value)
            cls.startClassPatcher(given)

    def setUp(self):
        super().setUp()
        self.env.flush_all()
        self.env.cr.precommit.clear()
        self._in_schema(";".join(f"TRUNCATE {SCHEMA}.{table}" for table in TABLES))
        self.anchor_path.unlink(missing_ok=True)
        self.log = self.env["ai.audit.log"]

    @classmethod
    @contextmanager
    def _opened(cls):
        """Give a real cursor on the log of the tests; it commits at the end."""
        with cls.database.cursor() as cr:
            cr.execute(SQL("SET LOCAL search_path TO %s, public", SQL.identifier(SCHEMA)))
            yield cr

    @classmethod
    def _in_schema(cls, query, params=None):
        """Do what an attacker with the database's password could; return the rows, if any."""
        with cls._opened() as cr:
            cr.execute(query, params)
            return cr.dictfetchall() if cr.description else None

    def _rows(self):
        return self._in_schema("SELECT * FROM ai_audit_log ORDER BY sequence")

    def _brief(self):
        """Return (operation, subject, result, code, count) of every row."""
        return [
            (row["operation"], row["subject"], row["result"], row["code"], row["count"])
            for row in self._rows()
        ]

    def _faults(self):
        report = self.log._writer().verify()
        return [(fault.kind, fault.first, fault.last) for fault in report.faults]

    def _write_rows(self, count):
        rows = [
            self.log._prepare_row("lease", f"ref_{n}", tenant=self.tenant) for n in range(count)
        ]
        self.log._append(rows)
