"""Traces of turns, brought by the sidecar."""

import logging
import math
from datetime import UTC, datetime

from odoo import api, models
from odoo.exceptions import UserError

from .ai_contact_erasure import account_of
from .ai_conversation_turn import OUTCOMES, WRITERS
from .ai_crew import CREWS

_logger = logging.getLogger(__name__)

MAX_ROWS = 100
LONGEST = {"uuid": 64, "text": 20_000, "name": 200, "told": 500, "url": 500}
MOST_STEPS = 200
MOST_SOURCES = 100
LARGEST = 2**31 - 1


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def _capabilities(self):
        return [*super()._capabilities(), "turn_traces"]

    @api.model
    def turn_traces(self, rows):
        """Take over traces (docs/conversations.md), each uuid once; return True.

        rows: at most 100. A row that cannot be used is logged and left out, since the courier
        would bring it again for ever; so is one of a contact that was erased after it.
        """
        tenant = self._tenant()
        if not isinstance(rows, list) or len(rows) > MAX_ROWS:
            raise UserError(self.env._("Report at most %(count)s rows.", count=MAX_ROWS))
        # Sudo: the integration user cannot read conversations; it only adds its own tenant's.
        turns = self.env["ai.conversation.turn"].sudo()
        prepared = {}
        for row in rows:
            values = self._prepare_turn(tenant, row)
            if values is None:
                _logger.warning("a trace of %s cannot be used", tenant.account_id)
            else:
                prepared[values["uuid"]] = values
        known = turns.search([("tenant_id", "=", tenant.id), ("uuid", "in", list(prepared))])
        for uuid in known.mapped("uuid"):
            del prepared[uuid]
        erased = self.env["ai.contact.erasure"].sudo()._erased(tenant)
        kept = [values for values in prepared.values() if not _is_erased(values, erased)]
        self.env["ai.conversation.gap"].sudo()._collect(turns.create(kept))
        return True

    @api.model
    def _prepare_turn(self, tenant, row):
        """Return the values of one row, None when it has no uuid, time or known outcome."""
        if not isinstance(row, dict):
            return None
        at = _instant(row.get("at"))
        uuid = _text(row.get("uuid"), LONGEST["uuid"])
        if not uuid or at is None or row.get("outcome") not in dict(OUTCOMES):
            return None
        turns = self.env["ai.conversation.turn"]
        # Archived ones too: an erasure finds the turn by its channel.
        channel_ids = tenant.with_context(active_test=False).channel_ids.ids
        reason, code = turns._reason_of(row.get("reason"))
        url = _text(row.get("chatwoot_url"), LONGEST["url"])
        channel_id = row.get("channel_id")
        return {
            "uuid": uuid,
            "at": at,
            "tenant_id": tenant.id,
            "channel_id": channel_id if channel_id in channel_ids else False,
            "channel_number": _number(channel_id),
            "conversation": _text(row.get("conversation"), LONGEST["name"]),
            "chatwoot_url": url.startswith(("https://", "http://")) and url,
            "contact_number": _number(row.get("contact_id")),
            "contact_name": _text(row.get("contact_name"), LONGEST["name"]),
            "crew": _known(row.get("crew"), CREWS),
            "language": _text(row.get("language"), 16),
            "question": _text(row.get("question"), LONGEST["text"]),
            "answer": _text(row.get("answer"), LONGEST["text"]),
            "outcome": row["outcome"],
            "reason": reason,
            "reason_code": code,
            "writer": _known(row.get("writer"), WRITERS),
            "llm_model": _text(row.get("model"), LONGEST["name"]),
            "llm_calls": _number(row.get("llm_calls")),
            "input_tokens": _number(row.get("input_tokens")),
            "output_tokens": _number(row.get("output_tokens")),
            "cost": _amount(row.get("cost")),
            "seconds": _amount(row.get("seconds")),
            "config_version": _number(row.get("config_version")),
            "sources": _sources(row.get("sources")),
            "steps": checked_steps(row.get("steps")),
        }


def checked_steps(steps):
    """Return `steps` as they are kept: known keys, short texts, numbers."""
    return [
        {
            "kind": _text(step.get("kind"), 32),
            "name": _text(step.get("name"), LONGEST["name"]),
            "ms": _amount(step.get("ms")),
            "ok": step.get("ok") is not False,
            "told": _text(step.get("told"), LONGEST["told"]),
        }
        for step in _dicts(steps, MOST_STEPS)
    ]


def _sources(sources):
    return [
        {
            "kind": _text(source.get("kind"), 32),
            "id": _text(source.get("id"), 64),
            "title": _text(source.get("title"), LONGEST["name"]),
        }
        for source in _dicts(sources, MOST_SOURCES)
    ]


def _dicts(values, most):
    values = values if isinstance(values, list) else []
    return [value for value in values[:most] if isinstance(value, dict)]


def _is_erased(values, erased):
    place = values["channel_id"] or account_of(values["chatwoot_url"])
    when = erased.get((place, values["contact_number"]))
    return bool(when) and values["at"] <= when


def _text(value, longest):
    # A database takes no NUL.
    return "" if value in (None, False) else str(value).replace("\x00", "")[:longest]


def _number(value):
    usable = isinstance(value, int) and not isinstance(value, bool)
    return value if usable and 0 <= value <= LARGEST else 0


def _amount(value):
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if usable and math.isfinite(value) and 0 <= value < 1e9 else 0.0


def _known(value, selection):
    return value if value in dict(selection) else False


def _instant(value):
    try:
        return datetime.fromtimestamp(float(value), UTC).replace(tzinfo=None, microsecond=0)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
