"""The playground's one SQLite file: transactions, seeds, generated secrets, the event log."""

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = Path(__file__).with_name("schema.sql")
_LOG_ROWS = 2000

# account, locale, inbox, channel, agent, team
_SEEDS = (
    ("Casa Ipê Móveis", "pt_BR", "WhatsApp", "Channel::Whatsapp", "Marina Duarte", "vendas"),
    ("Luma Cosmetics", "en", "Website", "Channel::WebWidget", "Olivia Park", "sales"),
)

Row = dict[str, Any]


def new_token() -> str:
    """A secret as the server generates them: 24 characters of base64url, 144 bits."""
    return secrets.token_urlsafe(18)


class Store:
    """All state. One connection under one lock: the playground serves a person, not a crowd."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "playground.db"
        # Created with its final mode: the file holds tokens.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA.read_text(encoding="utf-8"))
        self._add_missing_columns()
        with self.transaction():
            if not self.one("SELECT id FROM accounts LIMIT 1"):
                for name, locale, inbox, channel, agent, team in _SEEDS:
                    account = self.create_account(name, locale, agent, team)
                    self.create_inbox(account["id"], inbox, channel)

    def _add_missing_columns(self) -> None:
        """A file of an earlier version lacks what came since."""
        known = {row["name"] for row in self.all("PRAGMA table_info(contact_inboxes)")}
        if "hmac_verified" not in known:
            self._connection.execute(
                "ALTER TABLE contact_inboxes ADD COLUMN hmac_verified INTEGER NOT NULL DEFAULT 0"
            )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens or nothing does; nested calls join the outer transaction."""
        with self._lock:
            outer = self._depth == 0
            if outer:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if outer:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if outer:
                self._connection.execute("COMMIT")

    def one(self, sql: str, *args: Any) -> Row | None:
        """The first row, or None."""
        with self._lock:
            row = self._connection.execute(sql, args).fetchone()
        return dict(row) if row else None

    def all(self, sql: str, *args: Any) -> list[Row]:
        """All rows."""
        with self._lock:
            rows = self._connection.execute(sql, args).fetchall()
        return [dict(row) for row in rows]

    def get(self, table: str, row_id: int | None) -> Row | None:
        """The row of `table` (a constant of the caller's) with this id."""
        return None if row_id is None else self.one(f"SELECT * FROM {table} WHERE id = ?", row_id)  # noqa: S608

    def insert(self, table: str, **values: Any) -> Row:
        """Insert into `table` (names are constants of the caller's) and return the row."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with self._lock:
            cursor = self._connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
                tuple(values.values()),
            )
            row = self.get(table, cursor.lastrowid)
        if row is None:
            raise sqlite3.IntegrityError(f"the new row of {table} is not there")
        return row

    def update(self, table: str, row_id: int, **values: Any) -> None:
        """Update one row; names are constants of the caller's."""
        changes = ", ".join(f"{name} = ?" for name in values)
        with self._lock:
            self._connection.execute(
                f"UPDATE {table} SET {changes} WHERE id = ?",  # noqa: S608
                (*values.values(), row_id),
            )

    def delete(self, table: str, row_id: int) -> None:
        """Delete one row."""
        with self._lock:
            self._connection.execute(f"DELETE FROM {table} WHERE id = ?", (row_id,))  # noqa: S608

    # -- things with generated secrets ----------------------------------------------------------

    def create_account(self, name: str, locale: str, agent: str, team: str) -> Row:
        """A shop with one agent and one team."""
        with self.transaction():
            account = self.insert("accounts", name=name, locale=locale)
            login = agent.split()[0].lower()
            self.insert(
                "users",
                account_id=account["id"],
                name=agent,
                email=f"{login}@shop{account['id']}.example",
                role="agent",
                access_token=new_token(),
            )
            self.insert("teams", account_id=account["id"], name=team)
        return account

    def create_inbox(self, account_id: int, name: str, channel: str, webhook_url: str = "") -> Row:
        """An inbox of the account."""
        return self.insert(
            "inboxes",
            account_id=account_id,
            name=name,
            channel=channel,
            webhook_url=webhook_url,
            secret=new_token(),
        )

    def log(
        self,
        kind: str,
        text: str,
        account_id: int | None = None,
        display_id: int | None = None,
        status: int | None = None,
        millis: float | None = None,
    ) -> None:
        """Add a line to the event log, which keeps the latest 2000."""
        row = self.insert(
            "log",
            at=time.time(),
            kind=kind,
            account_id=account_id,
            display_id=display_id,
            text=text,
            status=status,
            millis=millis,
        )
        with self._lock:
            self._connection.execute("DELETE FROM log WHERE id <= ?", (row["id"] - _LOG_ROWS,))
