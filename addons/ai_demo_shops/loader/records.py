import base64

from .. import catalog

MODULE = "ai_demo_shops"


class Records:
    """Creates records under external ids of this addon and finds them again.

    What already exists is left as it is, so that loading twice changes nothing and a person's
    edits of the demo survive. The external ids are `noupdate`: an upgrade of the addon must not
    take the records for leftovers and delete them.
    """

    def __init__(self, env):
        self.env = env

    def ensure(self, model, values_by_name):
        """Create the records of `model` whose external id is not there yet, in one batch.

        `values_by_name` maps names (without the module) to values for `create`; `model` is a
        recordset that carries the context and the company to create with. Returns (found, new):
        dicts of name to record, `found` with all of them and `new` with those just created.
        """
        found = self.find(model._name, values_by_name)
        missing = [name for name in values_by_name if name not in found]
        created = model.create([values_by_name[name] for name in missing])
        new = dict(zip(missing, created, strict=True))
        self.name(new)
        found.update(new)
        return {name: found[name].with_env(model.env) for name in values_by_name}, new

    def find(self, model_name, names):
        """Return {name: record} of those `names` that exist as records of `model_name`."""
        # Sudo is not needed: the loader runs as the superuser of an installation.
        rows = self.env["ir.model.data"].search_fetch(
            [("module", "=", MODULE), ("model", "=", model_name), ("name", "in", list(names))],
            ["name", "res_id"],
        )
        records = self.env[model_name].browse(rows.mapped("res_id")).exists()
        return {row.name: records.browse(row.res_id) for row in rows if row.res_id in records.ids}

    def name(self, records_by_name):
        """Give records their external ids."""
        self.env["ir.model.data"]._update_xmlids(
            [
                {"xml_id": f"{MODULE}.{name}", "record": record, "noupdate": True}
                for name, record in records_by_name.items()
            ]
        )


def translate(record, language, values):
    """Write `values` in `language`; values that are empty are left out."""
    values = {field: text for field, text in values.items() if text}
    if language != "en_US" and values:
        record.with_context(lang=language).write(values)


def picture(name):
    """Return the picture static/img/<name>.png as base64 text."""
    return base64.b64encode((catalog.IMAGES / f"{name}.png").read_bytes()).decode()
