"""Every linter over the sources; each failure is shown, not only the first."""

from collections.abc import Callable
from pathlib import Path

from . import node, software
from .environment import process_environment
from .paths import House
from .progress import Printer, Step, run_steps
from .shell import run
from .trouble import Trouble

Note = Callable[[str], None]
PYTHON = ("addons", "sidecar", "tests", "deploy")
SHOWN = 80  # lines of a linter's output


def lint(house: House, printer: Printer) -> None:
    """Run ruff, import-linter, pylint-odoo, prettier and eslint side by side.

    Raises:
        Trouble: at least one of them objects; its details are what they said.
    """
    failures: list[Trouble] = []

    def guarded(work: Callable[[Note], str | None]) -> Callable[[Note], str | None]:
        def attempt(note: Note) -> str | None:
            try:
                return work(note)
            except Trouble as trouble:
                failures.append(trouble)
                return f"FAILED: {trouble}"

        return attempt

    steps = [
        Step("ruff", guarded(lambda note: _ruff(house))),
        Step("import layers", guarded(lambda note: _layers(house))),
        Step("pylint-odoo", guarded(lambda note: _pylint(house, note))),
        Step("prettier, eslint", guarded(lambda note: _node(house, note))),
    ]
    run_steps(steps, printer)
    if failures:
        details = [line for trouble in failures for line in [f"== {trouble}", *trouble.details]]
        raise Trouble(f"{len(failures)} of {len(steps)} linters object", details)


def _run(house: House, name: str, *commands: list) -> None:
    log = house.log / f"lint-{name.replace(', ', '-')}.log"
    log.unlink(missing_ok=True)
    for command in commands:
        environment = process_environment(house)
        run(command, log, what=name, cwd=house.root, env=environment, shown=SHOWN)


def _ruff(house: House) -> None:
    ruff = house.venv / "bin" / "ruff"
    _run(house, "ruff", [ruff, "check", *PYTHON], [ruff, "format", "--check", *PYTHON])


def _layers(house: House) -> None:
    _run(house, "import-linter", [house.venv / "bin" / "lint-imports"])


def _pylint(house: House, note: Note) -> None:
    venv = house.local / "lint"
    software.sync(house, venv, [house.root / "deploy" / "lint" / "requirements.lock"], [], note)
    addons = sorted(p.parent for p in (house.root / "addons").glob("*/__manifest__.py"))
    rc = house.root / "deploy" / "lint" / "pylintrc"
    _run(house, "pylint-odoo", [venv / "bin" / "pylint", f"--rcfile={rc}", *addons])


def _node(house: House, note: Note) -> None:
    programs = node.installed(house, "lint", "node", note) / "node_modules"
    assets = sorted((house.root / "addons").rglob("*"))

    def of(*suffixes: str) -> list[Path]:
        return [path.relative_to(house.root) for path in assets if path.suffix in suffixes]

    settings = house.root / "deploy" / "lint"
    prettier = ["node", programs / "prettier" / "bin" / "prettier.cjs", "--check"]
    prettier += [f"--config={settings / 'prettier.json'}", "--ignore-path=/dev/null"]
    prettier += [f"--plugin={programs / '@prettier' / 'plugin-xml' / 'src' / 'plugin.js'}"]
    eslint = ["node", programs / "eslint" / "bin" / "eslint.js", "--max-warnings=0"]
    eslint += ["--no-warn-ignored", "-c", settings / "eslint.config.mjs"]
    commands = [[*prettier, *of(".xml", ".js", ".scss", ".css")]] if of(".xml", ".js") else []
    commands += [[*eslint, *of(".js")]] if of(".js") else []
    _run(house, "prettier, eslint", *commands)
