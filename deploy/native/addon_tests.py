"""Our addons in real Odoo: all their tests together, and each installed alone."""

import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import database, postgres, software
from .paths import House
from .shell import tail
from .trouble import Trouble

Note = Callable[[str], None]
READY = "complete"
_TEMPLATES = threading.Lock()

RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
COUNT = re.compile(r"odoo\.tests\.stats: (\w+): (\d+) tests")
SKIPPED = re.compile(r": skipped |Chrome executable not found|skipped=\d")
FAULT = re.compile(r"^\S+ \S+ \d+ (ERROR|CRITICAL) .*$", re.MULTILINE)


@dataclass
class Verdict:
    """What the log of a test run says. `problems` are lines for a person; none = green."""

    tests: int = 0
    failed: int = 0
    per_addon: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def judge(log: str, addons: list[str]) -> Verdict:
    """Read Odoo's log: it ends with 0 even when tests were skipped or none was found."""
    verdict = Verdict()
    for failed, errors, tests in RESULT.findall(log):
        verdict.failed += int(failed) + int(errors)
        verdict.tests += int(tests)
    for addon, count in COUNT.findall(log):
        verdict.per_addon[addon] = verdict.per_addon.get(addon, 0) + int(count)
    if not RESULT.search(log):
        verdict.problems.append("Odoo did not report a result")
    verdict.problems += [f"no test ran in {a}" for a in addons if not verdict.per_addon.get(a)]
    verdict.problems += [line for line in log.splitlines() if SKIPPED.search(line)]
    if verdict.failed or not verdict.problems:
        verdict.problems += [match.group(0)[:300] for match in FAULT.finditer(log)]
    if verdict.failed and not verdict.problems:
        verdict.problems.append(f"{verdict.failed} failed")
    return verdict


def template_name(modules: set[str], version: str) -> str:
    """Name of the database that holds exactly `modules` (and what they pull in)."""
    text = "\n".join([version, database.LANGUAGES, *sorted(modules)])
    return f"template_{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def _complete(house: House) -> set[str]:
    sql = f"""select datname from pg_database d
              where shobj_description(d.oid, 'pg_database') = '{READY}'"""
    return set(postgres.psql(house, sql).splitlines())


def ensure_templates(house: House, note: Note) -> dict[str, str]:
    """addon → database with what it declares as dependencies, `""` → with all addons' together.

    Built once per set of dependencies; a larger set starts from the largest one inside it. Those
    that no addon needs any more are dropped.
    """
    with _TEMPLATES:
        version = software.odoo_version(house)
        names = list(database.addons(house))
        sets = {name: frozenset(database.dependencies(house, [name])) for name in names}
        sets[""] = frozenset(database.dependencies(house, names))
        wanted = {modules: template_name(set(modules), version) for modules in sets.values()}
        complete = _complete(house)
        for stale in postgres.databases(house):
            if stale.startswith("template_") and stale not in wanted.values():
                database.drop(house, stale)
        for modules in sorted(wanted, key=len):
            if wanted[modules] not in complete:
                inner = [m for m in wanted if m < modules]
                base = wanted[max(inner, key=len)] if inner else ""
                _build(house, wanted[modules], modules, base, note)
        return {name: wanted[modules] for name, modules in sets.items()}


def _build(house: House, name: str, modules: frozenset[str], base: str, note: Note) -> None:
    note("preparing a database with " + ", ".join(sorted(modules)))
    database.drop(house, name)
    if base:
        database.clone(house, base, name)
    log = house.log / "templates.log"
    arguments = ["-c", str(house.run / "odoo.conf"), "--no-http", "-d", name, "--log-level=warn"]
    arguments += ["-i", ",".join(sorted(modules)), "--load-language", database.LANGUAGES]
    database.odoo(house, *arguments, "--stop-after-init", log=log, what=f"preparing {name}")
    postgres.psql(house, f"comment on database \"{name}\" is '{READY}'")


def run_together(house: House, templates: dict[str, str], note: Note) -> Verdict:
    """Install all addons over their dependencies and run their tests, tours included.

    Raises:
        Trouble: anything but green; its details name the failures.
    """
    names, name = list(database.addons(house)), "addons_together"
    database.clone(house, templates[""], name)
    note("tests of " + ", ".join(names))
    log = house.log / "addons.log"
    log.unlink(missing_ok=True)
    port = house.port(7)
    arguments = ["-c", str(house.run / "odoo.conf"), "-d", name, "--db-filter", f"^{name}$"]
    arguments += ["-i", ",".join(names), "--test-tags", ",".join(f"/{n}" for n in names)]
    arguments += ["--http-port", str(port), "--max-cron-threads=0", "--log-level=info"]
    arguments += ["--screenshots", str(house.home / "screenshots"), "--stop-after-init"]
    refused: Trouble | None = None
    try:
        database.odoo(house, *arguments, log=log, what="the addons' tests")
    except Trouble as trouble:
        refused = trouble
    verdict = judge(log.read_text(errors="replace"), names)
    if verdict.problems or refused:
        found = verdict.problems[:40] or (refused.details if refused else [])
        passed = max(0, verdict.tests - verdict.failed)
        raise Trouble(f"addons: {passed} passed, {verdict.failed} failed; log: {log}", found)
    database.drop(house, name)
    return verdict


def install_alone(house: House, addon: str, template: str, log: Path) -> None:
    """Install one addon over nothing but its declared dependencies.

    Raises:
        Trouble: it does not install, or an error is logged.
    """
    name = f"alone_{addon}"
    database.clone(house, template, name)
    log.unlink(missing_ok=True)
    arguments = ["-c", str(house.run / "odoo.conf"), "--no-http", "-d", name, "-i", addon]
    arguments += ["--max-cron-threads=0", "--stop-after-init", "--log-level=info"]
    what = f"installing {addon} alone"
    database.odoo(house, *arguments, log=log, what=what)
    faults = [match.group(0)[:300] for match in FAULT.finditer(log.read_text(errors="replace"))]
    if faults or addon not in database.installed(house, name):
        raise Trouble(f"{what} failed; log: {log}", faults[:15] or tail(log))
    database.drop(house, name)
