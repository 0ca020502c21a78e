"""Which crew answers a turn: the customer's choice in the menu, a keyword, or what stood before."""

from dataclasses import dataclass, replace

from sidecar.hub import life
from sidecar.hub.because import ASKED, CHOSEN, KEPT, KEYWORD, NOT_CHOSEN, Because
from sidecar.hub.menu import SHOWS_OPTIONS, Menu, asks_for_menu, menu_of
from sidecar.hub.routing import CONVERSING
from sidecar.hub.silence import Talk
from sidecar.hub.turn import Case
from sidecar.llm.extractive import wants_person
from sidecar.llm.sentences import translations
from sidecar.tenants.desk import MenuOption

_MOST_ASKED = 2  # times the menu is shown before the channel's crew simply answers


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a turn does. text: what the desk says itself (with `options`), and no crew runs.

    question: what the crew is asked. introduction: said before its answer.
    """

    crew: str
    question: str
    talk: Talk
    because: Because
    text: str = ""
    options: tuple[str, ...] = ()
    introduction: str = ""


def choose(case: Case, start: Chosen, channel: str = "") -> Chosen:
    """The crew for a customer's words; `start` has the channel's own crew.

    The menu is shown once, and once more when the answer is not clear. Drafts are never a menu:
    nothing is said to the customer.
    """
    menu, said, talk = menu_of(case.tenant), start.question, start.talk
    kept = talk.crew if talk.crew in CONVERSING and _is_on(case, talk.crew) else ""
    if kept:
        start = replace(start, crew=kept, because=KEPT)
    if not menu.options or case.mode == "draft" or wants_person(said):
        return start
    if talk.asked:
        return _answered(case, start, menu, channel)
    if menu.shown and asks_for_menu(said):
        return _show(case, replace(start, question=""), menu, channel)
    named = menu.by_keyword(said)
    if named is not None and named.crew != (kept or None):
        return _take(case, start, named, said, KEYWORD)
    if menu.shown and not kept:
        return _show(case, start, menu, channel)
    return start


def _answered(case: Case, start: Chosen, menu: Menu, channel: str) -> Chosen:
    said, talk = start.question, start.talk
    option = menu.by_choice(said)
    before = "" if life.only_greets(talk.question) else talk.question
    if option is not None:
        return _take(case, start, option, before, CHOSEN)
    before = "\n".join(filter(None, [before, said]))
    if talk.asked < _MOST_ASKED and not life.only_greets(said):
        return _show(case, replace(start, question=before), menu, channel)
    settled = replace(talk, crew=start.crew, asked=0, question="")
    return replace(start, question=before or said, talk=settled, because=NOT_CHOSEN)


def _show(case: Case, start: Chosen, menu: Menu, channel: str) -> Chosen:
    _ = translations(case.tenant.language).gettext
    asked = start.talk.asked + 1
    if asked > 1:
        question = _("I did not understand your choice. Please answer with the number:")
    else:
        question = menu.text or _("How can we help you? Answer with the number:")
    shows = channel in SHOWS_OPTIONS
    return replace(
        start,
        crew="",
        text=question if shows else menu.words(question),
        options=menu.labels if shows else (),
        talk=replace(start.talk, asked=asked, question=start.question),
        because=ASKED,
    )


def _take(case: Case, start: Chosen, option: MenuOption, question: str, because: Because) -> Chosen:
    _ = translations(case.tenant.language).gettext
    talk = replace(
        start.talk, crew=option.crew, attendant=option.attendant, asked=0, question="", failures=0
    )
    who = {"name": option.attendant, "label": option.label}
    introduction = _("You are talking to %(name)s.") % who if option.attendant else ""
    taken = replace(
        start,
        crew=option.crew,
        question=question,
        talk=talk,
        because=because,
        introduction=introduction,
    )
    if question:
        return taken
    help_offered = _("%(label)s: how can I help you?") % who
    return replace(taken, text="\n\n".join(filter(None, [introduction, help_offered])))


def _is_on(case: Case, crew: str) -> bool:
    config = case.tenant.crews.get(crew)
    return config is not None and config.enabled
