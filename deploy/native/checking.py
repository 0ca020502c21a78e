"""make test and its parts: own ports, own data, the same software and the same way to start."""

import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from . import (
    addon_tests,
    database,
    debian,
    environment,
    health,
    linting,
    node,
    running,
    supervisor,
)
from .paths import House
from .progress import Printer, Step, run_steps
from .shell import Stamp, digest_of, lock
from .trouble import Trouble

BUSY = "another make test works in .local/test: wait for it to end"


def everything(house: House, printer: Printer) -> None:
    """All parts, the quick ones first; ends at the first that is red."""
    health.check_ports(house)
    with _ours(house, printer):
        linting.lint(house, printer)
        unit_tests = _unit(house, printer)
        try:
            addon_count = _addons(house, printer)
            e2e_tests = _end_to_end(house, printer)
        finally:
            supervisor.shut_down(house)
    printer.line(
        "✓", f"green: lint, {unit_tests} unit and integration tests, {addon_count} addon tests,"
        f" {e2e_tests} end-to-end tests"
    )  # fmt: skip


def lint(house: House, printer: Printer) -> None:
    """ruff, import layers, pylint-odoo, prettier, eslint."""
    with _ours(house, printer):
        linting.lint(house, printer)


def unit(house: House, printer: Printer) -> None:
    """The sidecar's and deploy's unit and integration tests."""
    with _ours(house, printer):
        _unit(house, printer)


def addons(house: House, printer: Printer) -> None:
    """The addons' tests in real Odoo, and each installed alone."""
    with _ours(house, printer):
        try:
            _addons(house, printer)
        finally:
            supervisor.shut_down(house)


def end_to_end(house: House, printer: Printer) -> None:
    """Playwright over really started processes."""
    health.check_ports(house)
    with _ours(house, printer):
        try:
            _end_to_end(house, printer)
        finally:
            supervisor.shut_down(house)


def bench(house: House, printer: Printer) -> None:
    """The measurements of tests/bench, on a house started for them."""
    health.check_ports(house)
    with _ours(house, printer):
        log = house.log / "debian.log"
        load = Step("a load client", lambda note: debian.ensure(debian.FOR_BENCH, log, note))
        run_steps([load], printer)
        try:
            with _llm_double(house):
                _start_afresh(house, printer)
                python = house.venv / "bin" / "python"
                command = [python, "-m", "tests.bench"]
                variables = _for_tests(house)
                if subprocess.run(command, cwd=house.root, env=variables, check=False).returncode:
                    raise Trouble("the measurements failed")
        finally:
            supervisor.shut_down(house)


def faults(house: House, printer: Printer) -> None:
    """The whole fault matrix of tests/faults, with both brokers."""
    _module(house, printer, "tests.faults", "a message was lost or answered twice")


def load(house: House, printer: Printer) -> None:
    """The load test of tests/load: the highest rate, `MINUTES` (5) of it, a burst.

    Raises:
        Trouble: `MINUTES` is no number, or a message was lost, doubled or too late.
    """
    minutes = os.environ.get("MINUTES") or "5"  # the Makefile exports it empty
    if not re.fullmatch(r"\d{1,3}(\.\d+)?", minutes):
        raise Trouble(f"MINUTES={minutes!r} is not a number of minutes: make load MINUTES=1")
    _module(house, printer, "tests.load", "the load was not carried", minutes)


def _module(house: House, printer: Printer, name: str, trouble: str, *arguments: str) -> None:
    """Run a module that starts, and stops, what it needs itself."""
    with _ours(house, printer):
        command = [house.venv / "bin" / "python", "-m", name, *arguments]
        variables = environment.clean_environment()
        if subprocess.run(command, cwd=house.root, env=variables, check=False).returncode:
            raise Trouble(trouble)


def _ours(house: House, printer: Printer):
    """Install what the tests need, then hold their folder."""
    house.make_folders()
    with lock(house.local / "house.lock", busy=running.BUSY):
        run_steps([*running.install_steps(house), Step("compose", _compose(house))], printer)
    return lock(house.home / "test.lock", busy=BUSY)


def _compose(house: House):
    """A real compose v2 program for the test of docker-compose.yml, unpacked, not installed."""

    def work(note) -> str:
        folder = house.local / "compose"
        stamp = Stamp(folder / ".unpacked", digest_of([], "docker-compose"))
        if stamp.fresh():
            return "up to date"
        log = house.log / "debian.log"
        debian.unpack((), ("docker-compose",), folder / "apt", folder / "root", log, note)
        stamp.set()
        return "unpacked"

    return work


def _pytest(
    house: House, printer: Printer, name: str, folders: list[str], env: Mapping, *options: str
) -> int:
    """Run pytest on `folders`; returns how many tests passed.

    Raises:
        Trouble: one failed or was skipped, or there was none.
    """
    report = house.home / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [house.venv / "bin" / "python", "-m", "pytest", "-q", f"--junitxml={report}"]
    command += options
    done = subprocess.run([*command, *folders], cwd=house.root, env=env, check=False)
    total, bad, skipped = count_tests(report)
    passed = total - bad - skipped
    printer.line(
        "✓" if passed == total else "✗", f"{name}: {passed} passed, {bad} failed, {skipped} skipped"
    )
    if done.returncode or bad:
        raise Trouble(f"{name}: {bad} failed (pytest's exit {done.returncode})")
    if skipped or not total:
        raise Trouble(f"{name}: {skipped} skipped of {total}: skipped or no tests count as red")
    return passed


def count_tests(report: Path) -> tuple[int, int, int]:
    """(tests, failures and errors, skipped) of a JUnit report; zeros without one."""
    if not report.exists():
        return 0, 0, 0
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))

    def total(name: str) -> int:
        return sum(int(suite.get(name, 0)) for suite in suites)

    return total("tests"), total("failures") + total("errors"), total("skipped")


def _unit(house: House, printer: Printer) -> int:
    folders = ["tests/unit", "tests/integration"]
    beside = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile")  # a file in one process
    return _pytest(house, printer, "unit", folders, environment.clean_environment(), *beside)


def _database_server(house: House, printer: Printer) -> dict[str, str]:
    """PostgreSQL of the tests, and the databases to clone from."""
    environment.ensure_sidecar_env(house)
    environment.ensure_vault_keys(house)
    environment.write_odoo_conf(house)
    found: dict[str, str] = {}

    def templates(note) -> None:
        found.update(addon_tests.ensure_templates(house, note))

    steps = [
        *running.manager_steps(house),
        Step("databases to clone", templates, ("postgres", "Odoo 19, environment")),
    ]
    run_steps(steps, printer, ended=[step.name for step in running.install_steps(house)])
    return found


def _addons(house: House, printer: Printer) -> int:
    templates = _database_server(house, printer)
    verdicts: list[addon_tests.Verdict] = []

    def together(note) -> str:
        verdicts.append(addon_tests.run_together(house, templates, note))
        return ", ".join(f"{name} {count}" for name, count in verdicts[0].per_addon.items())

    def alone(note) -> None:
        for addon in database.addons(house):
            note(addon)
            log = house.log / f"alone-{addon}.log"
            addon_tests.install_alone(house, addon, templates[addon], log)

    run_steps([Step("addon tests", together), Step("each addon alone", alone)], printer)
    printer.line("✓", f"addons: {verdicts[0].tests} passed, 0 failed")
    return verdicts[0].tests


def _start_afresh(house: House, printer: Printer) -> None:
    """The whole house with empty stores and a new database."""
    templates = _database_server(house, printer)
    for name in supervisor.PROGRAMS:
        if name != "postgres":
            supervisor.stop(house, name)
    database.drop(house, house.database)
    for folder in ("redis", "vectors", "playground"):
        running.remove(house.data / folder)
    running.remove(house.config)
    house.make_folders()
    running.bring_up(house, printer, template=templates[""], installed=True)


def _for_tests(house: House) -> dict[str, str]:
    return environment.process_environment(house) | {
        "CHATWOOTAI_E2E_HOME": str(house.home),
        "CHATWOOTAI_E2E_ODOO_URL": house.odoo_url,
        "CHATWOOTAI_E2E_ADMIN_PASSWORD_FILE": str(house.admin_password_file),
        "PORT_BASE": str(house.port_base),
        "ODOO_PORT": str(house.odoo_port),
        "CHATWOOTAI_E2E_INSPECTOR": str(house.local / node.INSPECTOR),
    }


@contextmanager
def _llm_double(house: House) -> Iterator[None]:
    """The OpenAI double the tests' sidecar is configured for, while the block runs."""
    python = house.venv / "bin" / "python"
    command = [python, "-m", "tests.doubles.openai_api", "--port", str(house.port(8))]
    with (house.log / "llm-double.log").open("w") as log:
        double = subprocess.Popen(command, cwd=house.root, stdout=log, stderr=log)
    try:
        yield
    finally:
        double.terminate()
        double.wait()


def _end_to_end(house: House, printer: Printer) -> int:
    inspector = Step("MCP inspector", lambda note: node.inspector(house, note))
    run_steps([inspector], printer)
    with _llm_double(house):
        _start_afresh(house, printer)
        patience = "--timeout=300"  # many processes on a busy machine
        return _pytest(house, printer, "end-to-end", ["tests/e2e"], _for_tests(house), patience)
