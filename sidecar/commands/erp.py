"""`sidecar erp`: ERPs that send their data: their keys, files of theirs, what is kept."""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sidecar.context import check_account_id
from sidecar.control.audit import AuditLog
from sidecar.credentials.resolver import CredentialResolver
from sidecar.erp.generic.bodies import Form, Raw, rows_of, unpacked
from sidecar.erp.generic.intake import Intake
from sidecar.erp.generic.push_keys import PushKeys
from sidecar.erp.generic.store import PushedRecords
from sidecar.errors import BadRequest, Conflict, NotFound
from sidecar.hub.erasing import erase_by_id
from sidecar.hub.forgetting import Forgetting
from sidecar.settings import Settings
from sidecar.store.connection import RedisError, state_store, unavailable
from sidecar.store.rewriting import rewrite
from sidecar.tenants.pushing import KINDS, Kind
from sidecar.tenants.registry import TenantRegistry

_LARGEST_FILE = 2 * 1024**3
_ENCODINGS = ("utf-8", "latin-1", "cp1252")
_FORMS: dict[str, Form] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "lines",
    ".ndjson": "lines",
}
_SHOWN = 50  # refused rows that are printed


class ErpCommands:
    """The verbs. Each gives the exit code."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.store = state_store(settings)
        self.tenants = TenantRegistry.from_settings(
            settings, CredentialResolver.from_settings(settings).resolve
        )

    def create_key(self, account_id: str, scopes: str, name: str, days: int) -> int:
        """Print a new key, this once."""
        self.tenants.get(check_account_id(account_id))
        wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
        key, text = PushKeys(self.store).create(account_id, wanted, name, days)
        AuditLog(self.store, "cli").record(account_id, "write", f"ERP key {key.id}")
        print(f"key {key.id} of {account_id}: {', '.join(key.scopes)}, until {_day(key.expires)}")
        print(f"It is shown this once: {text}")
        return 0

    def list_keys(self, account_id: str) -> int:
        """Print the keys of an account, never their text."""
        for key in PushKeys(self.store).of(account_id):
            over = "" if key.expires > datetime.now(UTC).timestamp() else " (over)"
            until = f"until {_day(key.expires)}{over}"
            print(f"{key.id}  {', '.join(key.scopes):<40} {until}  {key.name}".rstrip())
        return 0

    def revoke_key(self, account_id: str, key_id: str) -> int:
        """End a key at once."""
        PushKeys(self.store).revoke(account_id, key_id)
        AuditLog(self.store, "cli").record(account_id, "unlink", f"ERP key {key_id}")
        print(f"key {key_id} of {account_id} is revoked")
        return 0

    def import_file(
        self, account_id: str, kind: Kind, file: Path, mapping: str, encoding: str
    ) -> int:
        """Keep the rows of a CSV, JSON or JSON-lines file, also .gz; 1 when some were refused."""
        tenant = self.tenants.get(check_account_id(account_id))
        intake = Intake(tenant, self._records(account_id), mapping)
        rows = self._rows(file, encoding)
        counted: Counter[str] = Counter()
        while batch := list(islice(rows, self.settings.push_rows)):
            report = intake.take(kind, batch, len(batch))
            told = report.as_dict()
            refused = told.pop("rejected")
            counted.update(told | {"rejected": len(refused)})
            for one in refused[: max(0, _SHOWN + len(refused) - counted["rejected"])]:
                where = ", ".join(filter(None, (one["id"], one["field"])))
                row = f"row {one['row']}{f' ({where})' if where else ''}"
                print(f"{row}: {one['error']}", file=sys.stderr)
        if counted["rejected"] > _SHOWN:
            print(f"and {counted['rejected'] - _SHOWN} more", file=sys.stderr)
        names = ("accepted", "unchanged", "outdated", "rejected")
        print(", ".join(f"{counted[name]} {name}" for name in names))
        return 1 if counted["rejected"] else 0

    def status(self, account_id: str) -> int:
        """Print what is kept, and how many products the search does not know yet."""
        self.tenants.get(check_account_id(account_id))
        records = self._records(account_id)
        for kind in KINDS:
            print(f"{kind:<10} {records.count(kind)}")
        print(f"products that the search does not know yet: {records.waiting()}")
        return 0

    def reindex(self, account_id: str) -> int:
        """Have the search written anew from what is kept, and the ERP not asked to send again."""
        self.tenants.get(check_account_id(account_id))
        print(f"{self._records(account_id).all_changed()} products are due for the search")
        return 0

    def forget(self, account_id: str) -> int:
        """Remove what is kept of a tenant that is no longer published, its keys included."""
        if check_account_id(account_id) in self.tenants.accounts():
            raise Conflict(
                f"{account_id} is published: take it out of the mapping and run"
                " `sidecar tenants publish` first."
            )
        push_keys = PushKeys(self.store)
        for key in push_keys.of(account_id):
            push_keys.revoke(account_id, key.id)
        self._records(account_id).forget()
        print(f"{account_id}: everything that its ERP sent is removed")
        return 0

    def erase(self, account_id: str, customer: str) -> int:
        """Remove a customer (the ERP's id) and their orders, down to the files of Redis."""
        self.tenants.get(check_account_id(account_id))
        erased = erase_by_id(self.store, self.settings, account_id, customer)
        Forgetting(self.settings).unname(account_id, erased.names)
        written = rewrite([self.store])
        AuditLog(self.store, "cli").record(account_id, "unlink", "customer of the ERP")
        print(f"{erased.customers} customers, {erased.orders} orders; append-only file: {written}")
        print("Delete them in the ERP too: what it sends of this customer is refused from now on.")
        if erased.alike:
            named = ", ".join(erased.alike)
            print(f"The same number or address is also that of: {named}")
        return 0

    def readmit(self, account_id: str, customer: str) -> int:
        """Keep what the ERP sends of an erased customer again; 1 when they were not erased."""
        found = self._records(check_account_id(account_id)).readmit(customer)
        AuditLog(self.store, "cli").record(account_id, "write", "customer of the ERP readmitted")
        print("taken again from the next push on" if found else "this customer was not erased")
        return 0 if found else 1

    def _records(self, account_id: str) -> PushedRecords:
        return PushedRecords.of(self.settings, account_id)

    def _rows(self, file: Path, encoding: str) -> Iterator[Raw]:
        packed = file.suffix == ".gz"
        form = _FORMS.get(file.with_suffix("").suffix if packed else file.suffix)
        if form is None:
            raise BadRequest(f"The file's name must end in {', '.join(_FORMS)}, or that and .gz.")
        if encoding not in _ENCODINGS:
            raise BadRequest(f"The encoding is one of {', '.join(_ENCODINGS)}.")
        try:
            body = file.read_bytes()
        except OSError as error:
            raise NotFound(f"{file} cannot be read: {error.strerror}.") from None
        body = unpacked(body, "gzip" if packed else "", _LARGEST_FILE)
        named = "utf-8-sig" if encoding == "utf-8" else encoding
        return rows_of(body, form, self.settings.push_row_bytes, named)


def run(settings: Settings, verb: str, named: dict[str, object]) -> int:
    """Do one verb with its arguments; the exit code. Raises sidecar errors."""
    try:
        return getattr(ErpCommands(settings), verb)(**named)
    except RedisError as error:
        raise unavailable(error) from None


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
