"""Debian packages: what is missing is installed, without starting Debian's own services."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .shell import output_of, run
from .trouble import Trouble

POLICY = Path("/usr/sbin/policy-rc.d")
DENY = "#!/bin/sh\n# written while chatwootai installs packages: no service may start\nexit 101\n"
# Units which a package enables for the next boot; ours run under the house's own supervisor.
UNITS = {
    "postgresql": "postgresql.service",
    "redis-server": "redis-server.service",
    "rabbitmq-server": "rabbitmq-server.service",
}


def _found(program: str) -> bool:
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is not None


def _ensurepip() -> bool:
    probe = [python311(), "-c", "import ensurepip, venv"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


# package → is what we need of it there already?
CHECKS: dict[str, Callable[[], bool]] = {
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
    "redis-server": lambda: _found("redis-server"),
    "rabbitmq-server": lambda: _found("rabbitmq-server"),
    "chromium": lambda: _found("chromium"),
    "wrk": lambda: _found("wrk"),
    "git": lambda: _found("git"),
    "nodejs": lambda: _found("node"),
    "npm": lambda: _found("npm"),
    "python3-venv": _ensurepip,
    "ca-certificates": lambda: Path("/etc/ssl/certs/ca-certificates.crt").exists(),
}
FOR_UP = ("postgresql", "redis-server", "python3-venv", "ca-certificates")
FOR_TEST = (*FOR_UP, "rabbitmq-server", "chromium", "git", "nodejs", "npm")
FOR_BENCH = (*FOR_TEST, "wrk")


def python311() -> str:
    """Debian's Python 3.11, or the one in PATH.

    Raises:
        Trouble: there is none (Odoo's locked packages and the sidecar need exactly 3.11).
    """
    for candidate in ("/usr/bin/python3.11", shutil.which("python3.11")):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    raise Trouble("Python 3.11 is missing: this needs Debian 12 (or a python3.11 in PATH)")


def missing(packages: tuple[str, ...]) -> list[str]:
    """Those of `packages` whose programs are not there."""
    return [package for package in packages if not CHECKS[package]()]


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Deny service starts while packages are installed; whatever policy there was comes back."""
    saved = POLICY.with_suffix(".d.before-chatwootai")
    if POLICY.exists() and POLICY.read_text() != DENY and not saved.exists():
        POLICY.rename(saved)
    POLICY.write_text(DENY)
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        if saved.exists():
            saved.replace(POLICY)
        else:
            POLICY.unlink(missing_ok=True)


def ensure(packages: tuple[str, ...], log: Path, note: Callable[[str], None]) -> str:
    """Install the missing ones of `packages`; returns what was done, in words.

    Raises:
        Trouble: something is missing and we are not root, or apt fails.
    """
    need = missing(packages)
    if not need:
        return "nothing missing"
    command = "apt-get install --no-install-recommends " + " ".join(need)
    if not shutil.which("apt-get"):
        raise Trouble(
            f"missing: {', '.join(need)}; this system has no apt-get: install them by hand"
        )
    if os.geteuid() != 0:
        raise Trouble(f"missing Debian packages and not root; run: sudo {command}")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    options = ["-q", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"]
    note("apt-get update")
    run(["apt-get", *options, "update"], log, what="apt-get update", env=env)
    note("installing " + ", ".join(need))
    with _no_service_starts():
        run(
            ["apt-get", *options, "install", "--no-install-recommends", *need],
            log,
            what="apt-get install",
            env=env,
        )
    if Path("/run/systemd/system").exists():
        for unit in [UNITS[package] for package in need if package in UNITS]:
            run(["systemctl", "disable", "--now", unit], log, what=f"disabling {unit}")
    if still := missing(packages):
        raise Trouble(f"installed, yet not found: {', '.join(still)}; log: {log}")
    return "installed " + ", ".join(need)


def _mirror() -> str:
    """The Debian mirror of the machine's own apt sources."""
    listed = output_of(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
        what="reading the apt sources",
    )
    for uri in listed.splitlines():
        if re.search(r"/debian/?$", uri):
            return uri
    raise Trouble("no Debian mirror (…/debian) in this machine's apt sources: add one")


def unpack(
    stable: tuple[str, ...],
    unstable: tuple[str, ...],
    work: Path,
    into: Path,
    log: Path,
    note: Callable[[str], None],
) -> None:
    """Download packages and unpack them below `into` without installing them.

    `stable` come from bookworm, `unstable` from sid; `work` holds a private apt state, so that
    neither the machine's sources nor its locks are touched. Dependencies are not followed.

    Raises:
        Trouble: the mirror cannot be read or lacks a package.
    """
    for folder in ("lists/partial", "cache/archives/partial", "debs"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    suites = [suite for suite, names in (("bookworm", stable), ("sid", unstable)) if names]
    mirror, keys = _mirror(), "/usr/share/keyrings/debian-archive-keyring.gpg"
    sources = work / "sources.list"
    sources.write_text("".join(f"deb [signed-by={keys}] {mirror} {s} main\n" for s in suites))
    options = []
    for option in (
        f"Dir::Etc::SourceList={sources}",
        "Dir::Etc::SourceParts=/dev/null",
        "Dir::Etc::Preferences=/dev/null",
        "Dir::Etc::PreferencesParts=/dev/null",
        f"Dir::State::Lists={work / 'lists'}",
        f"Dir::Cache={work / 'cache'}",
        "Acquire::Languages=none",
        "Acquire::PDiffs=false",
        # apt's own user may not enter the folder of the clone
        f"APT::Sandbox::User={'root' if os.geteuid() == 0 else ''}",
    ):
        options += ["-o", option]
    note(f"reading the package index of {' and '.join(suites)}")
    run(["apt-get", "-q", *options, "update"], log, what="reading the package index")
    wanted = [f"{name}/bookworm" for name in stable] + [f"{name}/sid" for name in unstable]
    note(f"downloading {len(wanted)} packages")
    run(
        ["apt-get", "-q", *options, "download", *wanted],
        log,
        what="downloading " + ", ".join(stable + unstable),
        cwd=work / "debs",
    )
    note("unpacking")
    for deb in sorted((work / "debs").glob("*.deb")):
        run(["dpkg", "-x", deb, into], log, what=f"unpacking {deb.name}")
    shutil.rmtree(work)
