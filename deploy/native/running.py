"""make up, down, status, logs, clean: a house from nothing to healthy, and back."""

import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

from . import database, debian, environment, health, postgres, software, supervisor
from .paths import House, open_house, remember_choices
from .progress import Printer, Step, run_steps
from .shell import Stamp, digest_of, lock, run
from .trouble import Trouble

Note = Callable[[str], None]
BUSY = "another make up, down or test works on this house: wait for it to end"
START_SECONDS = 90.0


def up(house: House, printer: Printer) -> None:
    """Install what is missing, start every process, wait for each, enroll the demo shops."""
    house.make_folders()
    software.check_space(house)
    with lock(house.local / "house.lock", busy=BUSY):
        bring_up(house, printer)
    _farewell(house, printer)


def bring_up(
    house: House, printer: Printer, *, template: str = "", installed: bool = False
) -> None:
    """Everything of `make up` but the last words.

    `template` is a database to start from; `installed` says that the software is there.

    Raises:
        Trouble: whatever cannot be installed, started or reached.
    """
    values = environment.ensure_sidecar_env(house)
    password = environment.ensure_admin_password(house)
    environment.ensure_vault_keys(house)
    environment.write_redis_conf(house, values)
    environment.write_odoo_conf(house)
    if not supervisor.states(house):
        supervisor.end_leftovers(house)
    _stop_outdated(house)
    health.check_ports(house)
    if not house.test:
        remember_choices(house)
    install = install_steps(house)
    steps = [*([] if installed else install), *start_steps(house, password, template)]
    steps.append(Step("demo shops", lambda note: _demo(house), tuple(supervisor.PROGRAMS)))
    run_steps(steps, printer, ended=[step.name for step in install] if installed else ())
    _note_inputs(house, _inputs(house))
    for name, healthy in health.checks(house).items():  # one may have died while others started
        supervisor.wait_healthy(house, name, healthy, START_SECONDS)


def install_steps(house: House, *, dev: bool = False) -> list[Step]:
    """Debian packages, Odoo and the sidecar's environment, side by side where that is possible."""
    packages = debian.FOR_TEST if dev or house.test else debian.FOR_UP
    venv = ("Debian packages",) if "python3-venv" in debian.missing(packages) else ()
    log = house.log / "debian.log"
    return [
        Step("Debian packages", lambda note: debian.ensure(packages, log, note)),
        Step("Odoo 19, files", lambda note: software.unpack_odoo(house, note)),
        Step(
            "sidecar's environment",
            lambda note: software.install_sidecar(house, note, dev=dev or house.test),
            venv,
        ),
        Step(
            "Odoo 19, environment",
            lambda note: software.install_odoo(house, note),
            (*venv, "Odoo 19, files"),
        ),
    ]


def manager_steps(house: House) -> list[Step]:
    """The process manager and PostgreSQL, ready for Odoo."""

    def manager(note: Note) -> str:
        postgres.prepare(house)
        postgres.write_settings(house)
        return supervisor.ensure(house)

    def cluster(note: Note) -> str:
        done = _start(house, "postgres")
        postgres.ensure_role(house)
        return done

    return [
        Step("process manager", manager, ("Debian packages", "sidecar's environment")),
        Step("postgres", cluster, ("process manager",)),
    ]


def start_steps(house: House, password: str, template: str) -> list[Step]:
    """Every process in its order; the database before Odoo."""

    def starts(name: str, *after: str) -> Step:
        return Step(name, lambda note: _start(house, name), after)

    def base(note: Note) -> str:
        if database.needs_work(house):
            for name in supervisor.ODOO:
                supervisor.stop(house, name)
            return database.ensure(house, password, note, template=template)
        known = supervisor.states(house)
        if not any(known[name]["pid"] for name in supervisor.ODOO):
            database.correct_address(house)
        return "up to date"

    return [
        *manager_steps(house),
        starts("redis", "process manager"),
        Step("database", base, ("postgres", "Odoo 19, environment")),
        starts("odoo", "database"),
        starts("odoo-rpc", "odoo"),
        starts("vectors", "process manager"),
        starts("web", "redis"),
        starts("mcp", "redis"),
        starts("worker", "redis", "vectors"),
        starts("scheduler", "redis", "vectors"),
        starts("playground", "process manager"),
    ]


def _start(house: House, name: str) -> str:
    started = supervisor.start(house, name)
    supervisor.wait_healthy(house, name, health.checks(house)[name], START_SECONDS)
    return "started" if started else "running"


def _inputs(house: House) -> dict[str, str]:
    """program → hash of what it was started from."""
    sidecar = digest_of(
        [house.root / "sidecar", house.root / ".env", house.sidecar_env],
        (house.venv / ".synced").read_text() if (house.venv / ".synced").exists() else "",
    )
    odoo = digest_of(
        [house.run / "odoo.conf"],
        str(software.odoo_bin(house)),
        *database.digests(house).values(),
    )
    return (
        dict.fromkeys(supervisor.SIDECAR, sidecar)
        | dict.fromkeys(supervisor.ODOO, odoo)
        | {"redis": digest_of([house.run / "redis.conf"])}
    )


def _note_inputs(house: House, names: Iterable[str]) -> None:
    """Remember what the running programs `names` were started from."""
    inputs = _inputs(house)
    for name in names:
        Stamp(house.run / f"{name}.inputs", inputs[name]).set()


def _is_current(house: House, name: str) -> bool:
    return Stamp(house.run / f"{name}.inputs", _inputs(house)[name]).fresh()


def _stop_outdated(house: House) -> None:
    """Stop what runs from other code or settings than the present ones."""
    running = supervisor.states(house)
    for name in _inputs(house):
        if running.get(name, {}).get("pid") and not _is_current(house, name):
            supervisor.stop(house, name)


def _demo(house: House) -> str:
    python, script = house.venv / "bin" / "python", house.root / "deploy" / "demo.py"
    run(
        [python, script, house.odoo_url, house.database, house.admin_password_file],
        house.log / "demo.log",
        what="enrolling the demo shops",
        env=environment.process_environment(house),
        cwd=house.home if house.test else house.root,
    )
    return "enrolled"


def _farewell(house: House, printer: Printer) -> None:
    password = house.admin_password_file.read_text().strip()
    printer.plain()
    printer.plain(f"  Odoo        {house.odoo_url}   login admin, password {password}")
    for person in _demo_people(house):
        printer.plain(f"              {person}")
    printer.plain(f"  Playground  {house.playground_url}   write as a customer, watch the answers")
    printer.plain(f"  Sidecar     {house.web_url}   /health/ready")
    printer.plain(f"  MCP         {house.mcp_url}/mcp   with a key made in Odoo")
    printer.plain("  make status · make logs P=worker · make down")
    printer.line("✓", "up")


def _demo_people(house: House) -> list[str]:
    """A line per person of the demo shops: login, password, who that is."""
    found = []
    for file in sorted((house.root / "addons/ai_demo_shops/data").glob("*/shop.toml")):
        shop = tomllib.loads(file.read_text("utf-8"))
        for user in shop["user"]:
            who = f"{user['role']} of {shop['company']['name']}"
            found.append(f"{user['login']}, password {user['password']} ({who})")
    return found


def down(house: House, printer: Printer) -> None:
    """Stop every process of this house; data stays."""
    with lock(house.local / "house.lock", busy=BUSY):
        printer.line("✓", supervisor.shut_down(house))


def status(house: House, printer: Printer) -> None:
    """One line per program: state, health, port.

    Raises:
        Trouble: something is not healthy.
    """
    known = supervisor.states(house)
    if not known:
        raise Trouble("nothing runs here: make up")
    checks, ports, bad = health.checks(house), health.ports(house), []
    for name in supervisor.PROGRAMS:
        info = known.get(name, {"pid": 0, "statename": "UNKNOWN", "description": ""})
        healthy = bool(info["pid"]) and checks[name]()
        port = f"127.0.0.1:{ports[name]}" if name in ports else "-"
        verdict = "healthy" if healthy else "NOT HEALTHY"
        text = f"{name:11} {verdict:12} {info['statename']:9} {port:16} {info['description']}"
        printer.plain(text)
        if not healthy:
            bad.append(name)
    if bad:
        raise Trouble(f"not healthy: {', '.join(bad)}; see make logs P={bad[0]}")


def logs(house: House, printer: Printer) -> None:
    """Follow the logs, of one program with `P=name`, until interrupted."""
    wanted = os.environ.get("P", "")
    if wanted and wanted not in supervisor.PROGRAMS:
        raise Trouble(f"P={wanted} is none of {', '.join(supervisor.PROGRAMS)}")
    names = [wanted] if wanted else list(supervisor.PROGRAMS)
    files = [house.log / f"{name}.log" for name in names if (house.log / f"{name}.log").exists()]
    if not files:
        raise Trouble("no log yet: make up")
    subprocess.run(["tail", "-n", "40", "-F", *files], check=False)


def clean(house: House, printer: Printer) -> None:
    """Stop, and remove data, settings and logs; the installed software stays."""
    if not house.local.exists():
        printer.line("✓", "nothing to remove")
        return
    printer.plain(f"removing database, Redis, vectors, settings, passwords, logs of {house.home}")
    with lock(house.local / "house.lock", busy=BUSY):
        tests = open_house(house.root, test=True)
        for each in (house, tests):
            supervisor.shut_down(each)
            if each.sockets != each.run:
                shutil.rmtree(each.sockets, ignore_errors=True)
        for path in (house.data, house.config, house.run, house.log, tests.home):
            remove(path)
        for file in (house.sidecar_env, house.admin_password_file, house.vault_keys_file):
            file.unlink(missing_ok=True)
    printer.line("✓", "clean; the next make up starts with an empty house")


def distclean(house: House, printer: Printer) -> None:
    """`clean`, and the installed software as well."""
    clean(house, printer)
    printer.plain(f"removing {house.local}")
    remove(house.local)


def remove(path: Path) -> None:
    """Remove a folder and all below it, if it is there."""
    if path.exists():
        shutil.rmtree(path)


def rotate_keys(house: House, printer: Printer) -> None:
    """Put new encryption keys in front of the old ones and restart what reads them."""
    with lock(house.local / "house.lock", busy=BUSY):
        current = [name for name in supervisor.SIDECAR if _is_current(house, name)]
        environment.add_keys(house)
        if supervisor.states(house):
            for name in supervisor.READ_KEYS:
                supervisor.reload(house, name)
        _note_inputs(house, current)  # the next make up restarts what was outdated before
    printer.line("✓", "new keys encrypt from now on; to re-encrypt what is stored:")
    printer.plain(f"    {house.venv / 'bin/sidecar'} credentials rotate")
    printer.plain("    Odoo ▸ AI System ▸ AI Credentials ▸ Rotate Keys")


def lock_versions(house: House, printer: Printer) -> None:
    """Write the lock files anew."""
    house.make_folders()
    run_steps([Step("lock files", lambda note: software.relock(house, note))], printer)
