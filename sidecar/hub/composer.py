"""What is said in a turn: the crew's answer, or what the desk says by itself.

Nothing here is posted or written; a turn comes out that the desk carries out.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from sidecar.chatwoot.formatting import for_chat, limit_of
from sidecar.crews.reply import Reply
from sidecar.errors import CrewDisabled, SidecarError, UpstreamError
from sidecar.hub import life
from sidecar.hub.attachments import AttachmentReader, Read
from sidecar.hub.because import passed_on
from sidecar.hub.choosing import Chosen, choose
from sidecar.hub.handoffs import Handoff, closed_handoff, default_text, person_note, refusal
from sidecar.hub.history import History, Remembered, readable
from sidecar.hub.hub import Hub
from sidecar.hub.learning import showing
from sidecar.hub.mailbox import Letter, in_order
from sidecar.hub.posting import draft_text
from sidecar.hub.report import row_of, source_note, sources_of
from sidecar.hub.routing import CONVERSING, CrewUnfit, crew_of
from sidecar.hub.silence import Talk
from sidecar.hub.turn import Case, Customer, Turn, customer_of, turn_for
from sidecar.llm.sentences import translations
from sidecar.observability.tracing import Trace

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Saying:
    """What a turn will say, while it is found out."""

    text: str = ""
    crew: str = ""
    options: tuple[str, ...] = ()
    handoff: Handoff | None = None
    resolve: bool = False
    reply: Reply | None = None


class Composer:
    """Composes turns. Safe to share between threads."""

    def __init__(self, hub: Hub, history: History):
        self.hub = hub
        self.history = history
        self.reader = AttachmentReader(hub.services.settings)

    def compose(
        self, case: Case, letters: list[Letter], talk: Talk, trace: Trace
    ) -> tuple[Turn, Remembered]:
        """The turn about `letters`, and what was remembered for it.

        Raises what reading for an answer raises.
        """
        live = in_order([letter for letter in letters if not letter.deleted])
        identity = turn_for(case.conversation, letters).id
        customer = customer_of(case, live, identity)
        gateway = self.hub.services.llm(case.tenant) if self._sees(live) else None
        read = self.reader.read(live, case.tenant.language, gateway, trace)
        read = replace(read, text=readable(read.text))
        remembered = self._remember(case, live, talk)
        saying = _Saying()
        talk = self._say(saying, case, read, customer, talk, remembered, trace)
        return self._turn(case, letters, read.text, saying, talk, trace), remembered

    def to_people(
        self, case: Case, letters: list[Letter], talk: Talk, handoff: Handoff, trace: Trace
    ) -> Turn:
        """A turn that calls a person instead of answering."""
        said = "\n".join(letter.content for letter in in_order(letters) if letter.content)
        saying = _Saying(default_text(case.tenant.language), handoff=handoff)
        return self._turn(case, letters, said, saying, replace(talk, refresh=False), trace)

    def unsayable(self, case: Case, letters: list[Letter], turn: Turn) -> Turn:
        """The channel's window is closed: a person is told, the customer cannot be."""
        language = case.tenant.language
        _ = translations(language).gettext
        why = Handoff("cannot_reply", _("the channel lets nobody but a person write now"))
        crew, sources = str(turn.row.get("crew", "")), turn.row.get("sources", [])
        note = person_note(language, why, letters, crew, sources)
        row = turn.row | {"answer": "", "reason": why.code}
        return replace(turn.silenced(why.code), handoff=why.reason, note=note, row=row)

    def _say(
        self,
        saying: _Saying,
        case: Case,
        read: Read,
        customer: Customer,
        talk: Talk,
        remembered: Remembered,
        trace: Trace,
    ) -> Talk:
        """Fill `saying`; where the conversation stands after it."""
        talk = replace(talk, refresh=False)
        if read.unread:
            saying.text, saying.handoff = self._unreadable(case)
            return talk
        told = case.tenant.conversation.handoff
        crew, because = crew_of(case.tenant, case.channel, customer.phone)
        owner = crew != case.channel.crew
        closes = told.when_closed == "handoff" and case.mode == "answer" and not owner
        if closes and (closed := self._closed(case)):
            saying.text, saying.handoff = closed_handoff(case.tenant.language, closed)
            return talk
        if life.says_goodbye(read.text):
            self._say_goodbye(saying, case)
            return talk
        chosen = Chosen(crew, read.text, talk, because)
        if not owner:
            chosen = choose(case, chosen, f"Channel::{customer.channel_name}")
        saying.crew = chosen.crew
        log.info("turn.routed", crew=chosen.crew, because=str(chosen.because))
        why = chosen.because.said(case.tenant.language)
        trace.step("route", chosen.crew or "menu", told=why)
        if chosen.text:
            saying.text, saying.options = chosen.text, chosen.options
            return self._greet(saying, case, chosen.talk, remembered)
        talk = self._answer(saying, case, chosen, customer, remembered, trace)
        if saying.handoff:
            if told.when_closed == "tell" and (closed := self._closed(case)):
                saying.text = f"{saying.text}\n\n{closed}"
            return talk
        if chosen.introduction:
            saying.text = f"{chosen.introduction}\n\n{saying.text}"
        return self._greet(saying, case, talk, remembered)

    def _answer(
        self,
        saying: _Saying,
        case: Case,
        chosen: Chosen,
        customer: Customer,
        remembered: Remembered,
        trace: Trace,
    ) -> Talk:
        """The crew's answer. A crew may pass the turn on to another one, once."""
        talk = chosen.talk
        try:
            reply = self._run(case, chosen.crew, chosen.question, remembered, trace, customer)
            wish = reply.crew
            if wish in CONVERSING - {chosen.crew} and case.tenant.crews.get(wish):
                trace.step("route", wish, told=passed_on(chosen.crew).said(case.tenant.language))
                saying.crew = wish
                talk = replace(talk, crew=wish)
                reply = self._run(case, wish, chosen.question, remembered, trace, customer)
        except (CrewDisabled, CrewUnfit) as error:
            log.warning("turn.crew_refused", code=error.code)
            saying.text = default_text(case.tenant.language)
            saying.handoff = refusal(case.tenant, saying.crew, error)
            return talk
        saying.reply, saying.text = reply, for_chat(reply.text)
        if not saying.text:  # tried again, and then a person is called: never silence
            raise UpstreamError("The crew answered nothing.")
        told = case.tenant.conversation.handoff
        if reply.handoff and (reply.code != "angry" or told.when_angry):
            saying.handoff = Handoff(reply.code or "asked_for_person", reply.handoff)
        talk = replace(talk, failures=talk.failures + 1 if reply.unsure else 0)
        if talk.failures >= told.after_failures and not saying.handoff:
            _ = translations(case.tenant.language).gettext
            saying.text = default_text(case.tenant.language)
            saying.handoff = Handoff("failures", _("several questions could not be answered"))
        if saying.handoff or case.mode == "draft":  # nothing of it is shown to the customer
            return talk
        return showing(talk, chosen.question, reply.products)

    def _run(
        self,
        case: Case,
        crew: str,
        question: str,
        remembered: Remembered,
        trace: Trace,
        customer: Customer,
    ) -> Reply:
        before = trace.llm_calls
        reply: Reply = self.hub.answer(
            case.tenant, crew, question, remembered.history, trace=trace, customer=customer
        )
        if reply.writer == "llm" and trace.llm_calls == before:
            trace.spent(reply.model, reply.input_tokens, reply.output_tokens)
        return reply

    def _turn(
        self,
        case: Case,
        letters: list[Letter],
        question: str,
        saying: _Saying,
        talk: Talk,
        trace: Trace,
    ) -> Turn:
        language, settings = case.tenant.language, case.tenant.conversation
        handoff, draft = saying.handoff, case.mode == "draft"
        sources = sources_of(saying.reply)
        if draft:
            parts = (draft_text(language, saying.text, handoff.reason if handoff else ""),)
        else:
            limit = limit_of(letters[-1].channel)
            parts = life.messages(saying.text, limit, settings.several_messages)
        made = turn_for(
            case.conversation,
            letters,
            parts=parts,
            options=() if draft else saying.options,
            draft=draft,
            handoff=handoff.reason if handoff and not draft else "",
            reason=handoff.code if handoff else _unsure(saying.reply),
            note=person_note(language, handoff, letters, saying.crew, sources) if handoff else "",
            sources=source_note(language, sources) if settings.source_notes and not draft else "",
            resolve=saying.resolve and not draft,
            preview=bool(saying.reply and saying.reply.preview) and not (draft or handoff),
            talk=talk,
        )
        return made.with_row(
            row_of(case, made, letters, question, saying.text, saying.crew, saying.reply, trace)
        )

    def _greet(self, saying: _Saying, case: Case, talk: Talk, remembered: Remembered) -> Talk:
        """The company's own greeting, once in a conversation."""
        if talk.greeted or remembered.history or remembered.left_out:
            return replace(talk, greeted=True)
        saying.text = life.greeted(self.hub.company(case.tenant).text("greeting"), saying.text)
        return replace(talk, greeted=True)

    def _say_goodbye(self, saying: _Saying, case: Case) -> None:
        _ = translations(case.tenant.language).gettext
        company, closing = self.hub.company(case.tenant), case.tenant.conversation.closing
        farewell = company.text("farewell") or _("Thank you for your message. See you soon!")
        rating = company.text("rating_request") if closing.ask_rating else ""
        saying.text = "\n\n".join(filter(None, [farewell, rating]))
        saying.resolve = closing.resolve

    def _unreadable(self, case: Case) -> tuple[str, Handoff]:
        _ = translations(case.tenant.language).gettext
        text = _("I cannot open what you sent, so I am calling a person of our team to look at it.")
        return text, Handoff("attachment", _("the customer sent something the AI cannot read"))

    def _closed(self, case: Case) -> str:
        return self.hub.company(case.tenant).closed(datetime.now(UTC))

    def _remember(self, case: Case, letters: list[Letter], talk: Talk) -> Remembered:
        return self.history.read(
            case.account_id,
            case.conversation,
            case.chatwoot,
            [letter.message_id for letter in letters],
            since=letters[0].since,
            now=letters[0].sent_at or letters[0].received_at,
            refresh=talk.refresh,
            language=case.tenant.language,
        )

    def _sees(self, letters: list[Letter]) -> bool:
        pictures = any(f.file_type == "image" for letter in letters for f in letter.attachments)
        return pictures and self.hub.services.settings.vision

    def summarize(self, case: Case, remembered: Remembered) -> None:
        """Tell in short what no longer fits into the history; never raises."""
        if not remembered.left_out:
            return
        try:
            gateway: Any = self.hub.services.llm(case.tenant)
        except SidecarError as error:
            log.warning("history.not_summarized", code=error.code)
            return
        self.history.summarize(case.account_id, case.conversation, gateway, remembered.left_out)


def _unsure(reply: Reply | None) -> str:
    """The code of a reply that does not answer the question, or ""."""
    return (reply.code or "unsure") if reply and reply.unsure else ""
