"""One turn of a conversation: read the mailbox, answer, post once, remember.

The turn is written to the ledger before any of it is posted. Whoever finds one there after a crash
carries it out as it stands; what may have been posted is looked up by its mark.
"""

import time
from dataclasses import replace

import redis
import structlog

from sidecar.chatwoot.verdict import Ignore, human_answered, still_ours
from sidecar.control.traces import TraceLog
from sidecar.errors import (
    NotConfigured,
    NotFound,
    SidecarError,
    UnknownAccount,
)
from sidecar.hub.composer import Composer
from sidecar.hub.handoffs import given_up
from sidecar.hub.history import History, Remembered, readable
from sidecar.hub.hub import Hub
from sidecar.hub.inboxes import InboxMemory
from sidecar.hub.learning import Learning
from sidecar.hub.ledger import Entry, Ledger
from sidecar.hub.mailbox import Letter, Mailbox, in_order, split_item
from sidecar.hub.posting import Poster
from sidecar.hub.report import crowded, finished, row_of
from sidecar.hub.routing import OtherTenant, Router
from sidecar.hub.silence import Silence, Talk
from sidecar.hub.turn import Case, Turn, turn_for
from sidecar.observability.tracing import Trace
from sidecar.store.work import Lease, LeaseLost
from sidecar.tenants.doors import inboxes_of
from sidecar.tenants.schema import Channel, Tenant
from sidecar.tools.confirmation import Confirmations

log = structlog.get_logger(__name__)

_LONGEST_WAIT = 300.0  # seconds between two tries
_HOPELESS = frozenset({"not_found", "invalid"})  # what Chatwoot says to a post it will never take


class ConversationDesk:
    """Answers conversations that are due. One per process; safe to share between threads."""

    def __init__(self, hub: Hub, mailbox: Mailbox):
        self.hub = hub
        self.mailbox = mailbox
        self.settings = hub.services.settings
        self.store = hub.services.store
        self.router = Router(hub.services.tenants)
        self.inboxes = InboxMemory(self.store)
        self.silence = Silence(self.store, self.settings.history_days * 86400)
        self.ledger = Ledger(self.store, self.settings)
        self.composer = Composer(hub, History(self.store, self.settings))
        self.poster = Poster(self.ledger, self.silence)
        self.learning = Learning(self.settings)
        self.traces = TraceLog(self.store)

    def work(self, lease: Lease) -> None:
        """Answer the conversation under `lease`; on failure give it back or hand it off."""
        account_id, conversation = split_item(lease.item)
        bound = structlog.contextvars.bound_contextvars(
            account=account_id, conversation=conversation
        )
        with bound:
            started = time.monotonic()
            try:
                self._answer(lease, account_id, conversation)
                log.info("turn.worked", seconds=round(time.monotonic() - started, 4))
            except (LeaseLost, redis.RedisError):
                raise  # another worker has it, or nobody can keep anything
            except UnknownAccount:
                self._alert(account_id, conversation, "unknown_account")
                lease.postpone(time.time() + _LONGEST_WAIT)
            except SidecarError as error:
                self._failed(lease, account_id, conversation, error)
            except Exception as error:
                log.exception("turn.broken")
                wrapped = SidecarError(f"{type(error).__name__} in the desk; see the log.")
                self._failed(lease, account_id, conversation, wrapped)

    def _answer(self, lease: Lease, account_id: str, conversation: str) -> None:
        letters = self.mailbox.letters(account_id, conversation)
        if not letters:
            lease.finish()
            return
        tenant = self.hub.services.tenants.get(account_id)
        try:
            case = self._place(lease, tenant, conversation, letters)
        except OtherTenant:
            self._drop(lease, tenant, conversation, letters)
            return
        if wait := self._awaits_transcript(letters):
            lease.postpone(wait)
            return
        entry, trace = self.ledger.read(account_id, conversation), Trace()
        if entry.turn is not None:
            self._resume(case, letters, entry.turn, entry, trace)
            return
        talk = Talk.read(self.store, account_id, conversation)
        turn, remembered = self._decide(case, letters, talk, entry, trace)
        if turn.parts:
            current = self.mailbox.letters(account_id, conversation)
            if current != letters:  # more was said, or other words, while we wrote
                letters = current
                turn, remembered = self._decide(case, letters, talk, entry, trace)
        turn = self._allowed(case, letters, turn, entry)
        if turn.parts or turn.handoff:
            lease.check()  # the contact may have been erased meanwhile
            self.ledger.write(case, turn)
        self.learning.heard(case, talk, turn)
        self._carry_out(case, letters, turn, trace)
        self.composer.summarize(case, remembered)

    def _resume(
        self, case: Case, letters: list[Letter], turn: Turn, entry: Entry, trace: Trace
    ) -> None:
        """Carry out the turn that somebody wrote into the ledger before us."""
        if entry.attempts > self.settings.turn_attempts and entry.error in _HOPELESS:
            self._abandon(case, letters, entry, trace)
            return
        if turn.parts and not self.poster.is_begun(case, turn, entry):
            # it may be long ago: a person may have come since
            turn = self._allowed(case, letters, turn, entry)
            self.ledger.write(case, turn)
        self._carry_out(case, letters, turn, trace, entry)

    def _allowed(self, case: Case, letters: list[Letter], turn: Turn, entry: Entry) -> Turn:
        """The turn, or what is left of it where the bot may not post now."""
        if not turn.parts:
            return turn
        reason = self._may_not_post(case, turn, entry)
        if reason == "cannot_reply":
            return self.composer.unsayable(case, letters, turn)
        return turn.silenced(reason) if reason else turn

    def _place(
        self, lease: Lease, tenant: Tenant, conversation: str, letters: list[Letter]
    ) -> Case:
        """The conversation under the channel that serves it as the tenant is set up now.

        Raises OtherTenant, NotConfigured, and Chatwoot's errors where it has to be asked.
        """
        channel_id, _, display_id = conversation.partition("-")
        origin = tenant.channel(int(channel_id))
        if origin is None:
            raise NotConfigured("The conversation's channel was removed.")
        inbox_id = letters[-1].inbox_id or self.inboxes.inbox_of(
            tenant.account_id,
            conversation,
            lambda: self.hub.services.chatwoot(tenant, origin).conversation(int(display_id)),
        )
        inboxes = inboxes_of(tenant, origin)
        placed = self.router.place(tenant.account_id, origin.id, inboxes, inbox_id)
        channel: Channel = tenant.channel(placed.channel_id) or origin
        log.info("turn.placed", channel=channel.id, because=placed.because)
        chatwoot = self.hub.services.chatwoot(tenant, channel)
        return Case(lease, tenant, channel, conversation, chatwoot)

    def _awaits_transcript(self, letters: list[Letter]) -> float:
        """Until when (unix seconds) a voice may still be transcribed by Chatwoot, or 0."""
        voices = [
            letter.received_at
            for letter in letters
            if not letter.deleted
            and any(f.file_type == "audio" and not f.transcript for f in letter.attachments)
        ]
        until = max(voices, default=0.0) + self.settings.transcript_wait
        return until if voices and until > time.time() else 0.0

    def _decide(
        self, case: Case, letters: list[Letter], talk: Talk, entry: Entry, trace: Trace
    ) -> tuple[Turn, Remembered]:
        """What is done about the letters: an answer, a hand-off, or nothing and why."""
        nothing = Remembered([], [])
        if left_out := max(letter.left_out for letter in letters):
            log.warning("mailbox.full", left_out=left_out)
            trace.step("route", "mailbox", ok=False, told=crowded(case.tenant.language, left_out))
        if all(letter.deleted for letter in letters):
            return self._silent(case, letters, "message_deleted", trace), nothing
        silent = self.silence.reason(case.account_id, case.conversation)
        if silent and case.mode == "answer":
            turn = self._silent(case, letters, "human_took_over", trace)
            return replace(turn, opens=True), nothing
        if entry.attempts >= self.settings.turn_attempts:
            self._alert(case.account_id, case.conversation, "handed_off_after_failures")
            why = given_up(case.tenant.language)
            return self.composer.to_people(case, letters, talk, why, trace), nothing
        return self.composer.compose(case, letters, talk, trace)

    def _silent(self, case: Case, letters: list[Letter], reason: str, trace: Trace) -> Turn:
        turn = turn_for(case.conversation, letters, reason=reason)
        said = "\n".join(letter.content for letter in in_order(letters) if letter.content)
        return turn.with_row(row_of(case, turn, letters, said, "", "", None, trace))

    def _may_not_post(self, case: Case, turn: Turn, entry: Entry) -> str:
        """Why nothing may be posted, by the conversation as it is at this moment; "" when it may.

        Chatwoot is asked first, then the door's own memory: it may know more than a moment ago.
        """
        acts_on = case.tenant.conversation.acts_on
        try:
            now = case.chatwoot.conversation(case.display_id)
        except NotFound:
            self._alert(case.account_id, case.conversation, "conversation_gone")
            return "conversation_gone"
        silent = self.silence.reason(case.account_id, case.conversation)
        if now.status == "resolved" and entry.resolved and not silent:
            # our own goodbye crossed the customer's next words
            case.chatwoot.toggle_status(case.display_id, "pending")
            now = replace(now, status="pending")
        judged = still_ours(now, acts_on)
        if isinstance(judged, Ignore):
            if turn.draft and judged.reason == "cannot_reply":  # a note can always be left
                return ""
            return "human_took_over" if judged.reason == "human_assigned" else judged.reason
        if turn.draft:
            return ""
        if now.last_message is not None and human_answered(now, turn.through):
            at = now.last_message.created_at or 0.0
            self.silence.begin(case.account_id, case.conversation, "human_reply", at)
        silent = self.silence.reason(case.account_id, case.conversation)
        return "human_took_over" if silent else ""

    def _carry_out(
        self,
        case: Case,
        letters: list[Letter],
        turn: Turn,
        trace: Trace,
        begun: Entry | None = None,
    ) -> None:
        """Do what the turn says, then end it in one transaction."""
        more = self.mailbox.count(case.account_id, case.conversation) > turn.count
        if turn.resolve and more:
            turn = replace(turn, resolve=False)
        self._settle(case, turn, turn.preview)
        self.poster.carry_out(case, turn, trace, begun)
        if turn.preview and self.silence.reason(case.account_id, case.conversation):
            self._settle(case, turn, False)  # a person came before all of it was said
        self._finish(case, letters, turn)
        row = finished(turn, trace, recovered=begun is not None)
        self.traces.keep(case.account_id, row)
        if turn.outcome == "silent":
            log.info("turn.dropped", reason=turn.reason)

    def _settle(self, case: Case, turn: Turn, shown: bool) -> None:
        """Let a preview wait for the customer's yes only where they are shown it."""
        previews = Confirmations(self.store, case.account_id)
        previews.settle(case.conversation, turn.id, shown)

    def _abandon(self, case: Case, letters: list[Letter], entry: Entry, trace: Trace) -> None:
        """Chatwoot will never take this turn; the operator was told."""
        assert entry.turn is not None
        self._settle(case, entry.turn, False)
        self._finish(case, letters, entry.turn.silenced(entry.error))
        row = finished(entry.turn, trace, recovered=True, failed=True)
        self.traces.keep(case.account_id, row | {"reason": entry.error})
        self._alert(case.account_id, case.conversation, "post_refused")

    def _finish(self, case: Case, letters: list[Letter], turn: Turn, remember: bool = True) -> None:
        heard = (
            [x for x in letters[: turn.count] if x.content and not x.deleted] if remember else []
        )
        said = [{"role": "user", "content": readable(letter.content)} for letter in heard]
        if turn.parts and not turn.draft:
            said.append({"role": "assistant", "content": turn.text})
        self.ledger.finish(case, turn, said)
        waited = time.time() - letters[0].received_at
        log.info("turn.done", letters=turn.count, seconds=round(waited, 3), posted=bool(turn.parts))

    def _drop(self, lease: Lease, tenant: Tenant, conversation: str, letters: list[Letter]) -> None:
        """The inbox is another tenant's: nothing of it stays here."""
        log.warning("turn.dropped", reason="other_tenant")
        origin = tenant.channel(int(conversation.partition("-")[0])) or tenant.channels[0]
        chatwoot = self.hub.services.chatwoot(tenant, origin)
        case = Case(lease, tenant, origin, conversation, chatwoot)
        self._finish(case, letters, turn_for(conversation, letters), remember=False)

    def _failed(
        self, lease: Lease, account_id: str, conversation: str, error: SidecarError
    ) -> None:
        code = str(error.details.get("reason") or error.code)
        attempts = self.ledger.failed(account_id, conversation, code)
        wait = min(self.settings.retry_backoff * 2 ** (attempts - 1), _LONGEST_WAIT)
        log.warning("turn.failed", code=error.code, attempt=attempts, retry_in=wait)
        if attempts == self.settings.turn_attempts + 1:
            self._alert(account_id, conversation, error.code)
        lease.postpone(time.time() + wait)

    def _alert(self, account_id: str, conversation: str, reason: str) -> None:
        log.error("alert", account=account_id, conversation=conversation, reason=reason)
        self.ledger.alert(account_id, conversation, reason)
