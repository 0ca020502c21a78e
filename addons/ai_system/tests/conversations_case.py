"""A tenant whose AI service reports conversations."""

import time
import uuid

from .common import AiSystemCase


class ConversationsCase(AiSystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls._person(
            "reader_one", cls.company, "ai_system.ai_system_group_conversations"
        )
        cls.channel = cls._channel()
        cls.turns = cls.env["ai.conversation.turn"]

    def _row(self, **changes):
        return {
            "uuid": str(uuid.uuid4()),
            "at": time.time() - 60,
            "channel_id": self.channel.id,
            "conversation": "7-123",
            "chatwoot_url": "https://chat.example.com/app/accounts/1/conversations/123",
            "contact_id": 41,
            "contact_name": "Rita",
            "crew": "sales",
            "language": "pt_BR",
            "question": "Vocês entregam em Campinas?",
            "answer": "Entregamos, sim.",
            "outcome": "answered",
            "reason": "",
            "writer": "llm",
            "model": "gpt-4o-mini",
            "llm_calls": 1,
            "input_tokens": 900,
            "output_tokens": 40,
            "cost": 0.00021,
            "seconds": 1.4,
            "config_version": 3,
            "sources": [{"kind": "rule", "id": 5, "title": "Entrega"}],
            "steps": [
                {"kind": "route", "name": "sales", "ms": 1.2, "ok": True, "told": "inbox 7"},
                {"kind": "tool", "name": "stock_levels", "ms": 40, "ok": False, "told": "timeout"},
            ],
            **changes,
        }

    def _report(self, *rows, tenant=None):
        self.assertIs(self._facade(tenant or self.tenant).turn_traces(list(rows)), True)
        told = [row["uuid"] for row in rows if isinstance(row, dict) and "uuid" in row]
        return self.turns.search([("uuid", "in", told)], order="id")
