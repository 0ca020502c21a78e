"""One turn of a conversation: read the mailbox, answer, post once, remember.

The ledger (`{a}:turn:{conversation}`) is written before a message is posted, with the text and a
turn id that follows from the letters. Whoever finds a ledger in state `posting` after a crash
looks for the turn's marker in Chatwoot and posts the same text again only when it is not there.
"""

import hashlib
import json
import time
from dataclasses import dataclass

import structlog

from sidecar.chatwoot.client import AmbiguousPost, ChatwootClient
from sidecar.chatwoot.formatting import for_chat
from sidecar.chatwoot.verdict import Ignore, still_ours
from sidecar.crews.reply import Reply
from sidecar.errors import CrewDisabled, NotConfigured, SidecarError, UnknownAccount
from sidecar.hub.hub import Hub
from sidecar.hub.inboxes import InboxMemory
from sidecar.hub.mailbox import Letter, Mailbox, split_item
from sidecar.hub.routing import CrewUnfit, OtherTenant, Router, crew_of
from sidecar.llm.sentences import translations
from sidecar.store import keys
from sidecar.store.work import Lease
from sidecar.tenants.doors import inboxes_of
from sidecar.tenants.schema import Channel, Tenant

log = structlog.get_logger(__name__)

MARKER = "chatwootai_turn"

# KEYS: lease, due, hint, mailbox, turn, history
# ARGV: holder, item, letters answered, ledger ttl, history kept, history entries…
_FINISH = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('LTRIM', KEYS[4], ARGV[3], -1)
if redis.call('LLEN', KEYS[4]) == 0 then redis.call('ZREM', KEYS[2], ARGV[2]) end
redis.call('HSET', KEYS[5], 'state', 'done')
redis.call('HDEL', KEYS[5], 'attempts')
redis.call('EXPIRE', KEYS[5], ARGV[4])
for i = 6, #ARGV do redis.call('RPUSH', KEYS[6], ARGV[i]) end
redis.call('LTRIM', KEYS[6], -tonumber(ARGV[5]), -1)
redis.call('EXPIRE', KEYS[6], ARGV[4])
redis.call('DEL', KEYS[1], KEYS[3])
return 1
"""


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is answered now: `count` letters under one id."""

    id: str
    text: str
    count: int
    handoff: str = ""


class ConversationDesk:
    """Answers conversations that are due. One per process; safe to share between threads."""

    def __init__(self, hub: Hub, mailbox: Mailbox):
        self.hub = hub
        self.mailbox = mailbox
        self.settings = hub.services.settings
        self.store = hub.services.store
        self.router = Router(hub.services.tenants)
        self.inboxes = InboxMemory(hub.services.store)
        self._finish_script = self.store.register_script(_FINISH)

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
            except UnknownAccount:
                self._alert(account_id, conversation, "unknown_account")
                lease.postpone(time.time() + 300)
            except SidecarError as error:
                self._failed(lease, account_id, conversation, error)

    def _answer(self, lease: Lease, account_id: str, conversation: str) -> None:
        letters = self.mailbox.letters(account_id, conversation)
        if not letters:
            lease.finish()
            return
        tenant = self.hub.services.tenants.get(account_id)
        display_id = int(conversation.partition("-")[2])
        try:
            channel, because = self._place(tenant, conversation, letters)
        except OtherTenant:
            log.warning("turn.dropped", reason="other_tenant")
            nothing = _Turn(_turn_id(conversation, letters), "", len(letters))
            self._finish(lease, account_id, conversation, letters, nothing, remember=False)
            return
        log.info("turn.placed", channel=channel.id, because=because)
        chatwoot = self.hub.services.chatwoot(tenant, channel)
        ledger = self.store.hgetall(keys.turn(account_id, conversation))
        if ledger.get("state") == "posting":
            turn = _Turn(
                ledger["id"], ledger["text"], int(ledger["count"]), ledger.get("handoff", "")
            )
            if not self._was_posted(chatwoot, display_id, turn, account_id, conversation):
                self._post(lease, chatwoot, display_id, turn)
            self._hand_off(tenant, chatwoot, display_id, turn)
            self._finish(lease, account_id, conversation, letters, turn)
            return
        if int(ledger.get("attempts", 0)) >= self.settings.turn_attempts:
            turn = self._give_up(tenant, conversation, letters)
        else:
            turn = self._compose(tenant, channel, conversation, letters)
        if self._is_newer(account_id, conversation, turn):  # more was said while we wrote
            letters = self.mailbox.letters(account_id, conversation)
            turn = self._compose(tenant, channel, conversation, letters)
        judged = still_ours(chatwoot.conversation(display_id))
        if isinstance(judged, Ignore):
            log.info("turn.dropped", reason=judged.reason)
            silent = _Turn(turn.id, "", turn.count)
            self._finish(lease, account_id, conversation, letters, silent)
            return
        self._write_ledger(account_id, conversation, turn)
        self._post(lease, chatwoot, display_id, turn)
        self._hand_off(tenant, chatwoot, display_id, turn)
        self._finish(lease, account_id, conversation, letters, turn)

    def _place(
        self, tenant: Tenant, conversation: str, letters: list[Letter]
    ) -> tuple[Channel, str]:
        """The channel that serves the conversation as the tenant is set up now, and why.

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
        return tenant.channel(placed.channel_id) or origin, placed.because

    def _compose(
        self, tenant: Tenant, channel: Channel, conversation: str, letters: list[Letter]
    ) -> _Turn:
        """The crew's answer; a crew that may not answer hands the conversation to people."""
        crew, because = crew_of(tenant, channel, _proven(letters))
        log.info("turn.routed", crew=crew, because=because)
        question = "\n".join(letter.content for letter in letters if letter.content)
        history = self._history(tenant.account_id, conversation)
        try:
            reply: Reply = self.hub.answer(tenant, crew, question, history)
        except (CrewDisabled, CrewUnfit) as error:
            log.warning("turn.crew_refused", code=error.code)
            return self._to_people(tenant, conversation, letters, _refusal(tenant, crew, error))
        return _Turn(
            _turn_id(conversation, letters), for_chat(reply.text), len(letters), reply.handoff
        )

    def _give_up(self, tenant: Tenant, conversation: str, letters: list[Letter]) -> _Turn:
        _ = translations(tenant.language).gettext
        self._alert(tenant.account_id, conversation, "handed_off_after_failures")
        reason = _("the answer could not be prepared after several tries")
        return self._to_people(tenant, conversation, letters, reason)

    def _to_people(
        self, tenant: Tenant, conversation: str, letters: list[Letter], reason: str
    ) -> _Turn:
        _ = translations(tenant.language).gettext
        text = _("One moment, please: I am calling a person of our team.")
        return _Turn(_turn_id(conversation, letters), text, len(letters), reason)

    def _post(self, lease: Lease, chatwoot: ChatwootClient, display_id: int, turn: _Turn) -> None:
        lease.check()
        try:
            chatwoot.post_message(display_id, turn.text, content_attributes={MARKER: turn.id})
        except AmbiguousPost:
            account_id, conversation = split_item(lease.item)
            if not self._was_posted(chatwoot, display_id, turn, account_id, conversation):
                raise

    def _hand_off(
        self, tenant: Tenant, chatwoot: ChatwootClient, display_id: int, turn: _Turn
    ) -> None:
        """Tell the team why, then open the conversation for them. May be repeated after a crash."""
        if not turn.handoff:
            return
        _ = translations(tenant.language).gettext
        note, mark = _("AI hand-off: %(reason)s") % {"reason": turn.handoff}, f"{turn.id}-note"
        try:
            told = chatwoot.find_message(display_id, MARKER, mark) is not None
        except NotConfigured:  # without a reading token a second note is the lesser evil
            told = False
        if not told:
            chatwoot.post_message(display_id, note, private=True, content_attributes={MARKER: mark})
        chatwoot.toggle_status(display_id, "open")

    def _was_posted(
        self,
        chatwoot: ChatwootClient,
        display_id: int,
        turn: _Turn,
        account_id: str,
        conversation: str,
    ) -> bool:
        """Whether the turn's message is in Chatwoot. Unknowable counts as yes, with an alert."""
        try:
            return chatwoot.find_message(display_id, MARKER, turn.id) is not None
        except NotConfigured:
            self._alert(account_id, conversation, "post_unconfirmed")
            return True

    def _is_newer(self, account_id: str, conversation: str, turn: _Turn) -> bool:
        return self.mailbox.count(account_id, conversation) > turn.count

    def _write_ledger(self, account_id: str, conversation: str, turn: _Turn) -> None:
        self.store.hset(
            keys.turn(account_id, conversation),
            mapping={
                "id": turn.id,
                "state": "posting",
                "text": turn.text,
                "count": turn.count,
                "handoff": turn.handoff,
            },
        )

    def _finish(
        self,
        lease: Lease,
        account_id: str,
        conversation: str,
        letters: list[Letter],
        turn: _Turn,
        remember: bool = True,
    ) -> None:
        answered = letters[: turn.count] if remember else []
        said = [{"role": "user", "content": letter.content} for letter in answered]
        if turn.text:
            said.append({"role": "assistant", "content": turn.text})
        lease.finish_with(
            self._finish_script,
            [
                keys.mailbox(account_id, conversation),
                keys.turn(account_id, conversation),
                keys.history(account_id, conversation),
            ],
            [
                turn.count,
                self.settings.history_days * 86400,
                self.settings.history_messages,
                *(json.dumps(entry, ensure_ascii=False) for entry in said),
            ],
        )
        waited = time.time() - letters[0].received_at
        log.info("turn.done", letters=turn.count, seconds=round(waited, 3), posted=bool(turn.text))

    def _failed(
        self, lease: Lease, account_id: str, conversation: str, error: SidecarError
    ) -> None:
        ledger = keys.turn(account_id, conversation)
        attempts = self.store.hincrby(ledger, "attempts", 1)
        wait = min(self.settings.retry_backoff * 2 ** (attempts - 1), 300)
        log.warning("turn.failed", code=error.code, attempt=attempts, retry_in=wait)
        if attempts > self.settings.turn_attempts:
            self._alert(account_id, conversation, error.code)
        lease.postpone(time.time() + wait)

    def _history(self, account_id: str, conversation: str) -> list[dict[str, str]]:
        raw = self.store.lrange(keys.history(account_id, conversation), 0, -1)
        return [json.loads(entry) for entry in raw]

    def _alert(self, account_id: str, conversation: str, reason: str) -> None:
        log.error("alert", account=account_id, conversation=conversation, reason=reason)
        entry = json.dumps({"at": time.time(), "conversation": conversation, "reason": reason})
        with self.store.pipeline() as pipe:
            pipe.lpush(keys.alerts(account_id), entry)
            pipe.ltrim(keys.alerts(account_id), 0, keys.ALERTS_KEPT - 1)
            pipe.execute()


def _proven(letters: list[Letter]) -> str:
    """The number all letters were proven to come from, or ""."""
    phones = {letter.contact_phone for letter in letters}
    return phones.pop() if len(phones) == 1 else ""


def _refusal(tenant: Tenant, crew: str, error: SidecarError) -> str:
    """Why the crew may not answer, for the team, in the tenant's language."""
    _ = translations(tenant.language).gettext
    if isinstance(error, CrewDisabled):
        sentence = _("Crew %(crew)s is not enabled for account_id %(account_id)s.")
    else:
        sentence = _("Crew %(crew)s of account_id %(account_id)s does not answer customers.")
    return sentence % {"crew": crew, "account_id": tenant.account_id}


def _turn_id(conversation: str, letters: list[Letter]) -> str:
    said = f"{conversation}:{letters[-1].message_id}:{len(letters)}"
    return hashlib.sha256(said.encode()).hexdigest()[:24]
