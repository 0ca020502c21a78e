"""deploy: what counts as green. Odoo and pytest end with 0 for runs that proved nothing."""

import pytest

from deploy.native import addon_tests, checking, database
from deploy.native.checking import count_tests
from deploy.native.paths import open_house
from deploy.native.trouble import Trouble

STAMP = "2026-11-23 11:00:00,000 42"
GREEN = f"""
{STAMP} INFO db odoo.tests.stats: ai_system: 12 tests 3.1s 900 queries
{STAMP} INFO db odoo.tests.stats: ai_shop: 3 tests 1.0s 90 queries
{STAMP} INFO db odoo.tests.result: 0 failed, 0 error(s) of 15 tests when loading database 'db'
"""


def test_a_run_without_failures_is_green():
    verdict = addon_tests.judge(GREEN, ["ai_system", "ai_shop"])
    assert verdict.problems == []
    assert (verdict.tests, verdict.per_addon) == (15, {"ai_system": 12, "ai_shop": 3})


@pytest.mark.parametrize(
    "line",
    [
        f"{STAMP} INFO db odoo.addons.a.tests.test_tour: TestTour.test_it : skipped no browser",
        f"{STAMP} WARNING db odoo.tests.common: Chrome executable not found",
        f"{STAMP} ERROR db odoo.sql_db: bad query: b'select'",
    ],
)
def test_a_skipped_test_or_a_logged_error_is_red(line):
    assert addon_tests.judge(f"{line}\n{GREEN}", ["ai_system"]).problems == [line]


def test_an_addon_without_tests_is_red():
    assert addon_tests.judge(GREEN, ["ai_system", "ai_new"]).problems == ["no test ran in ai_new"]


def test_failures_are_counted_and_named():
    line = f"{STAMP} ERROR db odoo.addons.a.tests.test_a: FAIL: TestA.test_b"
    log = f"{line}\n" + GREEN.replace("0 failed, 0 error", "1 failed, 2 error")
    verdict = addon_tests.judge(log, ["ai_system"])
    assert verdict.failed == 3
    assert line in verdict.problems


def test_a_run_that_never_reported_is_red():
    assert addon_tests.judge("killed", [])
    assert addon_tests.judge("killed", []).problems == ["Odoo did not report a result"]


def test_a_junit_report_is_counted(tmp_path):
    report = tmp_path / "r.xml"
    report.write_text(
        '<testsuites><testsuite tests="7" failures="1" errors="1" skipped="2"/></testsuites>'
    )
    assert count_tests(report) == (7, 2, 2)
    assert count_tests(tmp_path / "missing.xml") == (0, 0, 0)


# -- addons -------------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path):
    manifests = {
        "ai_base": {"depends": ["mail"]},
        "ai_shop": {"depends": ["ai_base", "stock"]},
        "ai_off": {"depends": ["mrp"], "installable": False},
    }
    for name, manifest in manifests.items():
        folder = tmp_path / "addons" / name
        (folder / "tests").mkdir(parents=True)
        (folder / "__manifest__.py").write_text(repr(manifest))
        (folder / "tests" / "test_a.py").write_text("")
    return open_house(tmp_path)


def test_dependencies_are_those_of_odoo_through_our_own(house):
    assert database.dependencies(house, ["ai_base"]) == {"mail"}
    assert database.dependencies(house, ["ai_shop"]) == {"mail", "stock"}


def test_an_addon_that_is_not_installable_is_left_alone(house):
    assert list(database.addons(house)) == ["ai_base", "ai_shop"]


def test_a_changed_file_marks_its_addon_only_and_a_changed_test_none(house):
    before = database.digests(house)
    (house.root / "addons" / "ai_base" / "tests" / "test_a.py").write_text("assert 1")
    assert database.digests(house) == before
    (house.root / "addons" / "ai_base" / "model.py").write_text("x = 1")
    after = database.digests(house)
    assert [name for name in after if after[name] != before[name]] == ["ai_base"]


def test_a_broken_manifest_is_named(house):
    (house.root / "addons" / "ai_base" / "__manifest__.py").write_text("{'depends': [}")
    with pytest.raises(Trouble, match=r"ai_base/__manifest__\.py"):
        database.addons(house)


def test_a_template_is_named_by_what_is_in_it():
    first = addon_tests.template_name({"mail", "stock"}, "19.0")
    assert first == addon_tests.template_name({"stock", "mail"}, "19.0")
    assert first != addon_tests.template_name({"stock"}, "19.0")
    assert first != addon_tests.template_name({"mail", "stock"}, "19.1")


@pytest.mark.parametrize(("given", "taken"), [("", "5"), ("1", "1"), ("0.5", "0.5")])
def test_the_load_lasts_as_long_as_asked_and_five_minutes_else(tmp_path, monkeypatch, given, taken):
    asked = []
    monkeypatch.setattr(checking, "_module", lambda *given: asked.append(given[-1]))
    monkeypatch.setenv("MINUTES", given)
    checking.load(open_house(tmp_path, test=True), None)
    assert asked == [taken]
    monkeypatch.setenv("MINUTES", "soon")
    with pytest.raises(Trouble, match="soon"):
        checking.load(open_house(tmp_path, test=True), None)
