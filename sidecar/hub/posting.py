"""Carrying out a turn in Chatwoot, each part of it once.

Every message we post bears a mark in its content_attributes: `<turn>-1`, `<turn>-2`, … for the
customer, `<turn>-note`, `<turn>-draft`, `<turn>-sources` for the team. What may have been posted
before a crash or a lost answer is looked up by its mark.
"""

from collections.abc import Callable

import structlog

from sidecar.chatwoot.client import AmbiguousPost
from sidecar.chatwoot.payloads import TURN_ATTRIBUTE
from sidecar.errors import NotConfigured, NotFound, Unprocessable, UpstreamRefused
from sidecar.hub.ledger import Entry, Ledger
from sidecar.hub.silence import Silence
from sidecar.hub.turn import Case, Turn
from sidecar.llm.sentences import translations
from sidecar.observability.tracing import Trace

log = structlog.get_logger(__name__)


class Poster:
    """Carries turns out. Safe to share between threads."""

    def __init__(self, ledger: Ledger, silence: Silence):
        self.ledger = ledger
        self.silence = silence

    def carry_out(self, case: Case, turn: Turn, trace: Trace, begun: Entry | None = None) -> None:
        """Do everything the turn says. begun: the ledger's entry, where somebody began before us.

        Raises as ChatwootClient does, and LeaseLost; what was done is ticked off in the ledger.
        """
        work = _Work(self, case, turn, trace, begun)
        if turn.opens:
            work.once("opened", lambda: self._open(case, only_pending=True))
        if turn.draft:
            work.once("draft", lambda: work.note("draft", turn.text))
            return
        for number, part in enumerate(turn.parts, 1):
            if number > 1 and self.silence.reason(case.account_id, case.conversation):
                trace.step("post", str(number), ok=False, told="human_took_over")
                return
            options = turn.options if number == len(turn.parts) else ()
            work.once(str(number), lambda n=number, p=part, o=options: work.say(n, p, o))
        if turn.handoff:
            self._hand_off(work, case, turn)
        if turn.sources:
            work.once("sources", lambda: work.note("sources", turn.sources))
        if turn.resolve:
            work.once("resolved", lambda: case.chatwoot.toggle_status(case.display_id, "resolved"))

    def is_begun(self, case: Case, turn: Turn, begun: Entry) -> bool:
        """Whether anything of a turn that was found in the ledger is in Chatwoot already."""
        if begun.ticked:
            return True
        name = "draft" if turn.draft else "1" if turn.parts else "note"
        return _Work(self, case, turn, Trace(), begun).is_posted(name)

    def _hand_off(self, work: "_Work", case: Case, turn: Turn) -> None:
        """Tell the team why, open the conversation for them, then choose who gets it."""
        chatwoot, wanted = case.chatwoot, case.tenant.conversation.handoff
        work.once("note", lambda: work.note("note", turn.note))
        if not work.did("opened"):  # people have it from now on, and only then can give it back
            self.silence.begin(
                case.account_id, case.conversation, "handed_off", turn.sent_at, ours=True
            )
        # who came meanwhile may have closed it again: then it stays so
        work.once("opened", lambda: self._open(case, only_pending=work.recovering))
        if wanted.labels:
            # the set is replaced as a whole, so the client reads it first
            work.once("labels", lambda: chatwoot.add_labels(case.display_id, wanted.labels), True)
        if wanted.team_id is not None:
            team = wanted.team_id
            work.once("team", lambda: chatwoot.assign_team(case.display_id, team), True)

    def _open(self, case: Case, only_pending: bool) -> None:
        """Let people see the conversation: a pending one is in nobody's list."""
        if not only_pending or case.chatwoot.conversation(case.display_id).status == "pending":
            case.chatwoot.toggle_status(case.display_id, "open")


class _Work:
    """One turn being carried out."""

    def __init__(
        self, poster: Poster, case: Case, turn: Turn, trace: Trace, begun: Entry | None
    ) -> None:
        self.ledger, self.case, self.turn, self.trace = poster.ledger, case, turn, trace
        self.recovering = begun is not None
        self._ticked = begun.ticked if begun else frozenset()
        self._in_doubt = self.recovering  # the first thing that is not ticked may have happened

    def once(self, name: str, do: Callable[[], object], may_lack: bool = False) -> None:
        """Do one thing unless it was done; tick it off.

        may_lack: a team or label that is not there, or not the bot's to set, stops nothing.
        """
        if self.did(name):
            return
        kind = "post" if name.isdigit() or name in ("draft", "sources") else "handoff"
        self.case.lease.check()
        with self.trace.timed(kind, name) as step:  # type: ignore[arg-type]
            try:
                do()
            except (NotFound, UpstreamRefused, Unprocessable) as error:
                if not may_lack:
                    raise
                step.ok, step.told = False, error.code
                log.warning("handoff.incomplete", what=name, code=error.code)
                self._alert(f"handoff_{name}")
        self._in_doubt = False
        self.ledger.tick(self.case, name)

    def did(self, name: str) -> bool:
        """Whether who began the turn surely did this."""
        return f"did:{name}" in self._ticked

    def say(self, number: int, text: str, options: tuple[str, ...]) -> None:
        """One message to the customer."""
        self._post(f"{self.turn.id}-{number}", text, private=False, options=options)

    def note(self, name: str, text: str) -> None:
        """One note for the team."""
        self._post(f"{self.turn.id}-{name}", text, private=True)

    def _post(self, mark: str, text: str, private: bool, options: tuple[str, ...] = ()) -> None:
        if self._in_doubt and self._was_posted(mark, private):
            return
        try:
            self.case.chatwoot.post_message(
                self.case.display_id,
                text,
                private=private,
                options=options,
                content_attributes={TURN_ATTRIBUTE: mark},
            )
        except AmbiguousPost:
            if not self._was_posted(mark, private):
                raise

    def is_posted(self, name: str) -> bool:
        """Whether the message or note of that name is in Chatwoot."""
        return self._was_posted(f"{self.turn.id}-{name}", private=not name.isdigit())

    def _was_posted(self, mark: str, private: bool) -> bool:
        """Whether the marked message is in Chatwoot.

        Where that cannot be known, a message to the customer counts as posted, with an alert; of a
        note a second one is the lesser evil.
        """
        try:
            found = self.case.chatwoot.find_message(self.case.display_id, TURN_ATTRIBUTE, mark)
        except NotConfigured:
            if not private:
                self._alert("post_unconfirmed")
            return not private
        return found is not None

    def _alert(self, reason: str) -> None:
        case = self.case
        log.error("alert", account=case.account_id, reason=reason)
        self.ledger.alert(case.account_id, case.conversation, reason)


def draft_text(language: str, answer: str, handoff: str) -> str:
    """A draft for a person, with the reason why the bot would have called one."""
    _ = translations(language).gettext
    heading = _("Suggested answer:")
    if not handoff:
        return f"**{heading}**\n\n{answer}"
    why = _("AI hand-off: %(reason)s") % {"reason": handoff}
    return f"**{heading}**\n\n{answer}\n\n{why}"
