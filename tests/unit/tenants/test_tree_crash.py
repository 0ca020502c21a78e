"""A push killed at any moment is wholly there or not there at all, also while it moves a folder."""

import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sidecar.errors import ConfigInvalid
from sidecar.tenants import folder as folder_module
from sidecar.tenants.files import TenantFiles
from sidecar.tenants.folder import Folder
from tests.documents import tenant_document

STEPS = [(os, "fsync"), (Path, "rename"), (Path, "replace"), (Path, "unlink")]


class Killed(BaseException):
    pass


def document(version: int, **changes: Any) -> dict[str, Any]:
    crews = {name: {"enabled": True, "name": f"v{version}"} for name in ("sales", "analytics")}
    return tenant_document(version=version, name=f"v{version}", crews=crews, **changes)


def killed_at(monkeypatch: pytest.MonkeyPatch, step: int, act: Callable[[], Any]) -> bool:
    """Whether `act` was killed right before its `step`-th change of the disk."""
    left = [step]
    with monkeypatch.context() as patch:
        for owner, name in STEPS:
            real = getattr(owner, name)

            def counted(*args: Any, real: Any = real, **named: Any) -> Any:
                left[0] -= 1
                if left[0] == 0:
                    raise Killed
                return real(*args, **named)

            patch.setattr(owner, name, counted)
        try:
            act()
        except Killed:
            return True
    return False


@pytest.mark.parametrize("domain", ["furniture", "retail"])
def test_a_killed_push_is_all_or_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, domain: str
) -> None:
    outcomes = []
    for step in range(1, 100):
        files = TenantFiles(tmp_path / str(step))
        files.write(document(1))
        (files.root / "domains/furniture/account_1/notes.txt").write_text("a person's")
        push = document(2, domain=domain)
        if not killed_at(monkeypatch, step, lambda files=files, push=push: files.write(push)):
            break
        tenant = TenantFiles(files.root).reading("account_1").tenant
        names = {tenant.name} | {crew.name for crew in tenant.crews.values()}
        assert names in ({"v1"}, {"v2"}), step
        assert tenant.domain == ("furniture" if names == {"v1"} else domain)
        kept = files.root / f"domains/{tenant.domain}/account_1/notes.txt"
        assert kept.read_text() == "a person's"
        outcomes.append(tenant.name)
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {"v1", "v2"}


def test_a_push_killed_after_its_journal_is_finished_by_the_next_reader(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = TenantFiles(tmp_path)
    files.write(document(1))

    def die(*_args: Any) -> None:
        raise Killed

    monkeypatch.setattr(Folder, "_carry_out", die)
    with pytest.raises(Killed):
        files.write(document(2, domain="retail"))
    monkeypatch.undo()
    assert files.accounts() == {"account_1": "retail"}
    assert TenantFiles(tmp_path).reading("account_1").tenant.name == "v2"
    assert not (tmp_path / "domains/furniture").exists()
    assert not (tmp_path / ".push.json").exists()


def test_readers_never_meet_a_mixture_while_pushes_run(tmp_path: Path) -> None:
    TenantFiles(tmp_path).write(document(1))
    writer = multiprocessing.get_context("spawn").Process(target=push_many, args=(tmp_path,))
    writer.start()
    seen = set()
    while writer.is_alive():
        tenant = TenantFiles(tmp_path).reading("account_1").tenant
        assert {tenant.name} == {crew.name for crew in tenant.crews.values()}
        seen.add(tenant.name)
        time.sleep(0.005)  # readers without a pause would keep the writer out
    assert writer.exitcode == 0
    assert len(seen) > 1


def push_many(root: Path) -> None:
    for version in range(2, 25):
        TenantFiles(root).write(document(version, domain=("furniture", "retail")[version % 2]))


def test_a_folder_that_is_in_the_way_stops_the_move(tmp_path: Path) -> None:
    files = TenantFiles(tmp_path)
    files.write(document(1))
    (tmp_path / "domains/retail/account_1").mkdir(parents=True)
    with pytest.raises(ConfigInvalid) as raised:
        files.write(document(2, domain="retail"))
    assert raised.value.details["field"] == "domain"
    assert files.reading("account_1").tenant.name == "v1"


def test_a_reader_that_waits_too_long_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = TenantFiles(tmp_path)
    files.write(document(1))
    monkeypatch.setattr(folder_module, "_PATIENCE", 0.05)
    with Folder(tmp_path).writing(), pytest.raises(folder_module.Unavailable):
        files.accounts()
