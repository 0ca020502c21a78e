"""Several reading calls in one round trip."""

import inspect
import logging

from psycopg2 import OperationalError

from odoo import api, models
from odoo.exceptions import AccessError, MissingError, UserError

_logger = logging.getLogger(__name__)

MAX_CALLS = 20
# Only methods that change nothing: an answer that was lost is asked for again.
READING = frozenset(
    {
        "product_ids", "product_facts", "product_details", "stock_levels", "price_quotes",
        "promotion_prices", "find_partners", "partner_profile", "orders", "quotation_link",
        "invoices", "payment_link", "bookings", "free_slots", "open_state", "company_profile",
        "rule_ids", "rule_facts", "rules_in_force", "readable_models", "search_records",
        "read_records", "group_records", "writing_brief",
    }
)  # fmt: skip


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def batch(self, calls):
        """Return the answers of several reading methods, in the order of `calls`.

        calls: at most 20 `{"method": name, "arguments": {name: value}}`. Each answer is
        `{"ok": True, "value": …}`, or `{"ok": False, "kind": …, "message": …}` where that one
        failed: "refused" with a UserError's sentence, "forbidden", "not_found", "not_offered" (no
        such reading method here) or "failed" (the log has the reason).
        """
        self._tenant()
        if not isinstance(calls, list) or len(calls) > MAX_CALLS:
            raise UserError(self.env._("Ask for at most %(count)s calls.", count=MAX_CALLS))
        offered = READING & set(self._capabilities())
        return [self._batch_answer(call, offered) for call in calls]

    @api.model
    def _batch_answer(self, call, offered):
        name = call.get("method") if isinstance(call, dict) else None
        arguments = call.get("arguments") if isinstance(call, dict) else None
        if not isinstance(name, str) or not isinstance(arguments, dict):
            return _failure("refused", self.env._("A call has a method and its arguments."))
        if name not in offered:
            return _failure("not_offered", "")
        method = getattr(self, name)
        try:
            inspect.signature(method).bind(**arguments)
        except TypeError:
            text = self.env._("The arguments of “%(method)s” are wrong.", method=name)
            return _failure("refused", text)
        try:
            # A failed query must not end the others' transaction. Nothing is to be flushed: all
            # of it reads.
            with self.env.cr.savepoint(flush=False):
                return {"ok": True, "value": method(**arguments)}
        except AccessError:
            return _failure("forbidden", "")
        except MissingError:
            return _failure("not_found", "")
        except UserError as error:
            return _failure("refused", str(error).partition("\n")[0])
        except OperationalError:  # Odoo repeats the whole request
            raise
        except Exception:  # whatever it is, it hides no other call
            _logger.exception("a batch's call of %s failed", name)
            return _failure("failed", "")

    @api.model
    def _capabilities(self):
        return [*super()._capabilities(), "batch"]


def _failure(kind, message):
    return {"ok": False, "kind": kind, "message": message}
