"""Plain search, read and group of an allowed part of the tenant's records, never beyond a cap.

For analytics and MCP. Which models and fields: `readable.py`; addons add to `_readable`.
"""

from datetime import date, datetime

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..readable import CATEGORY, CUSTOMER, PRODUCT
from ..record_questions import PERIODS, BadQuestion, checked_domain, checked_order, parsed_groups

MAX_ROWS = 100
MAX_FIELDS = 20


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def readable_models(self, lang=None):
        """Return {model: {field: {"type", "label"}}} of what the next three methods may read."""
        tenant = self._tenant()
        env = self._tenant_env(tenant, lang)
        return {
            model: {
                name: {"type": told["type"], "label": told["string"]}
                for name, told in env[model].fields_get(names, ["type", "string"]).items()
            }
            for model, names in self._readable().items()
        }

    @api.model
    def search_records(self, model, domain, fields, limit=20, order=None):
        """Return the `fields` of up to `limit` (≤ 100) of the tenant's records that match.

        domain: Odoo's, of allowed fields, without paths. order: "date_order desc, id", of allowed
        stored fields. UserError names what is not allowed.
        """
        records, names = self._readable_records(model), self._readable_fields(model, fields)
        matching = self._checked(checked_domain, domain, self._described(records))
        by = self._checked(checked_order, order, self._described(records)) or "id"
        found = records.search(
            self._readable_domain(model) & Domain(matching), limit=self._rows(limit), order=by
        )
        return self._rows_of(found, names)

    @api.model
    def read_records(self, model, ids, fields):
        """Return the `fields` of the tenant's records among `ids` (≤ 100), in that order."""
        records, names = self._readable_records(model), self._readable_fields(model, fields)
        wanted = self._checked_ids(ids)
        if len(wanted) > MAX_ROWS:
            raise UserError(self.env._("Ask for at most %(count)s ids.", count=MAX_ROWS))
        domain = self._readable_domain(model) & Domain("id", "in", wanted)
        found = set(records.search(domain).ids)
        ordered = [record_id for record_id in wanted if record_id in found]
        return self._rows_of(records.browse(ordered), names)

    @api.model
    def group_records(self, model, domain, groupby, aggregates, limit=50):
        """Return up to `limit` (≤ 100) groups of the tenant's records that match, counted.

        groupby: at most 3 of "field" or "date field:day|week|month|quarter|year"; aggregates: at
        most 5 of "__count" or "field:sum|avg|min|max". A row has all of them as keys. Groups by
        date come in its order, others the biggest first (by the first aggregate). The database
        groups: no record is loaded.
        """
        records = self._readable_records(model)
        told = self._described(records)
        matching = self._checked(checked_domain, domain, told)
        groups, sums = self._checked(parsed_groups, groupby, aggregates, told)
        by_date = [spec for spec in groups if ":" in spec]
        order = ", ".join(by_date or [f"{sums[0]} DESC"])
        rows = records._read_group(
            self._readable_domain(model) & Domain(matching),
            groups,
            sums,
            limit=self._rows(limit),
            order=order if groups else None,
        )
        keys = [*groups, *sums]
        return [
            {key: _grouped(key, value) for key, value in zip(keys, row, strict=True)}
            for row in rows
        ]

    @api.model
    def _readable(self):
        """Return {model: names of fields}; addons that know more models extend it."""
        return {
            "product.template": PRODUCT,
            "product.category": CATEGORY,
            "res.partner": CUSTOMER,
        }

    @api.model
    def _readable_domain(self, model):
        """Return which records of `model` are the tenant's, beside what the record rules say."""
        tenant = self._tenant()
        if model == "product.template":
            return self._product_domain(tenant)
        if model == "res.partner":
            return self._customers(tenant)[1]
        if model == "product.category":
            products = self._tenant_env(tenant)["product.template"]
            used = products._read_group(self._product_domain(tenant), [], ["categ_id:array_agg"])
            return Domain("id", "parent_of", [one for one in set(used[0][0] or []) if one])
        return Domain("company_id", "=", tenant.company_id.id)

    @api.model
    def _readable_records(self, model):
        """Return the model, with the caller's rights; UserError when it may not be read."""
        tenant = self._tenant()
        if model not in self._readable():
            known = ", ".join(sorted(self._readable()))
            raise UserError(
                self.env._("Of these models records may be read: %(models)s.", models=known)
            )
        return self._tenant_env(tenant)[model]

    @api.model
    def _readable_fields(self, model, fields):
        """Return `fields`, checked, "id" among them."""
        if not isinstance(fields, list) or not 1 <= len(fields) <= MAX_FIELDS:
            raise UserError(self.env._("Name 1 to %(count)s fields.", count=MAX_FIELDS))
        known = self._readable()[model]
        for name in fields:
            if name != "id" and name not in known:
                raise self._unknown_field(name, known)
        return list(dict.fromkeys(["id", *fields]))

    @api.model
    def _described(self, records):
        """Return {field: its type} of the allowed stored fields of `records`."""
        allowed = self._readable()[records._name]
        kinds = {
            name: records._fields[name].type for name in allowed if records._fields[name].store
        }
        return {"id": "integer", **kinds}

    @api.model
    def _checked(self, check, *args):
        """Return what `check` of record_questions gives; UserError for a question not allowed."""
        try:
            return check(*args)
        except BadQuestion as error:
            if error.field:
                raise self._unknown_field(error.field, args[-1]) from error
            raise UserError(self._question_sentence(error.code)) from error

    @api.model
    def _unknown_field(self, name, known):
        return UserError(
            self.env._(
                "“%(name)s” cannot be used here. Fields: %(fields)s.",
                name=str(name)[:64],
                fields=", ".join(known),
            )
        )

    @api.model
    def _question_sentence(self, code):
        sentences = {
            "domain": self.env._("The domain is not one of Odoo's, or too long."),
            "operator": self.env._("The domain uses an operator that is not allowed here."),
            "value": self.env._("The domain compares with a value that is not allowed here."),
            "order": self.env._("Write an order like “date_order desc, id”."),
            "groupby": self.env._(
                "Group by at most 3 fields; a date as “field:month” (day, week, quarter, year)."
            ),
            "aggregates": self.env._(
                "Give 1 to 5 aggregates, such as “__count” or “amount_total:sum” (avg, min, max)."
            ),
        }
        return sentences[code]

    @api.model
    def _rows(self, limit):
        if not isinstance(limit, int) or isinstance(limit, bool):
            raise UserError(self.env._("The limit has to be a whole number."))
        return max(1, min(limit, MAX_ROWS))

    @api.model
    def _rows_of(self, records, names):
        # Sudo, for the names of what a record points to (a country, a currency); the records and
        # the fields were found and allowed with the caller's own rights.
        return [{name: _told(record[name]) for name in names} for record in records.sudo()]


def _grouped(key, value):
    """Return a group's value; a period by the day on which it begins, on the tenant's clock."""
    if key.partition(":")[2] in PERIODS and isinstance(value, datetime):
        value = value.date()
    return _told(value)


def _told(value):
    """Return a field's value as JSON tells it: records as {"id", "name"}, instants with "Z"."""
    if isinstance(value, models.BaseModel):
        return {"id": value.id, "name": value.sudo().display_name} if value else False
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}Z"
    if isinstance(value, date):
        return value.isoformat()
    return False if value is None else value
