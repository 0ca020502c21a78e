"""Checks that an addon's translations are complete; for the tests of every addon of the suite."""

import io

import polib

from odoo.tools import file_path
from odoo.tools.translate import trans_export

# Fields that an addon of Odoo gives to models of ours, where it happens to be installed.
LENT = {"Next Activity Calendar Event"}  # by `calendar`, to every model with activities


def faults(env, addon, language="pt_BR"):
    """Return what is wrong with the translations of `addon`: a list of sentences, empty if none.

    Compares the terms that Odoo finds now with the committed template and catalog, and looks for
    untranslated, fuzzy and obsolete entries and for placeholders that were lost.
    """
    buffer = io.BytesIO()
    trans_export(False, [addon], buffer, "po", env)
    now = {entry.msgid for entry in polib.pofile(buffer.getvalue().decode())}
    template = {e.msgid for e in polib.pofile(file_path(f"{addon}/i18n/{addon}.pot"))}
    now -= LENT - template
    catalog = polib.pofile(file_path(f"{addon}/i18n/{language}.po"))
    translated = {entry.msgid: entry for entry in catalog if not entry.obsolete}
    found = [f"not in the template: {term}" for term in sorted(now - template)]
    found += [f"only in the template: {term}" for term in sorted(template - now)]
    found += [f"not in the catalog: {term}" for term in sorted(now - translated.keys())]
    found += [f"only in the catalog: {term}" for term in sorted(translated.keys() - now)]
    found += [f"obsolete: {entry.msgid}" for entry in catalog.obsolete_entries()]
    for term, entry in translated.items():
        if not entry.msgstr or entry.fuzzy:
            found.append(f"untranslated or fuzzy: {term}")
        elif _placeholders(term) != _placeholders(entry.msgstr):
            found.append(f"other placeholders: {term}")
    return found


def _placeholders(text):
    return sorted(part.partition(")")[0] for part in text.split("%(")[1:])
