"""The choice between crews: "1 Vendas, 2 Suporte", by number, by words or by keyword.

Pure: which option a customer's words mean, and how the menu reads.
"""

import re
from dataclasses import dataclass

from sidecar.search.tokens import fold
from sidecar.tenants.desk import MenuOption
from sidecar.tenants.schema import Tenant

# Chatwoot shows the options of an input_select as buttons or a list there.
SHOWS_OPTIONS = frozenset({"Channel::WebWidget", "Channel::Whatsapp", "Channel::Telegram"})

_NUMBER = re.compile(r"\W*(?:opcao|option|numero|number|n)?\W*([1-9])\W*")
_MENU = frozenset({"menu", "opcoes", "options", "opciones", "voltar ao menu", "menu inicial"})
_MOST_WORDS = 4  # of a message that names an option by its label


@dataclass(frozen=True, slots=True)
class Menu:
    """The options a tenant offers now: those whose crew is enabled."""

    text: str
    options: tuple[MenuOption, ...]
    shown: bool

    def by_choice(self, said: str) -> MenuOption | None:
        """The option that an answer to the menu means, or None when that is not clear."""
        folded = fold(said).strip()
        number = _NUMBER.fullmatch(folded)
        if number:
            place = int(number.group(1))
            return self.options[place - 1] if place <= len(self.options) else None
        labels = [o for o in self.options if _words(folded) == _words(fold(o.label))]
        if len(labels) == 1:
            return labels[0]
        if len(_words(folded)) <= _MOST_WORDS:
            labels = [o for o in self.options if _within(fold(o.label), folded)]
            if len(labels) == 1:
                return labels[0]
        return self.by_keyword(said)

    def by_keyword(self, said: str) -> MenuOption | None:
        """The one option of whose keywords a message has one."""
        folded = fold(said)
        named = [o for o in self.options if any(_within(fold(k), folded) for k in o.keywords)]
        return named[0] if len(named) == 1 else None

    def words(self, question: str) -> str:
        """The menu as a message, for channels that show no buttons."""
        lines = [f"{number}. {o.label}" for number, o in enumerate(self.options, 1)]
        return "\n".join([question, *lines])

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(option.label for option in self.options)


def menu_of(tenant: Tenant) -> Menu:
    """The tenant's menu; shown only when it is enabled and offers a choice."""
    told = tenant.conversation.menu
    crews = tenant.crews
    options = tuple(o for o in told.options if o.crew in crews and crews[o.crew].enabled)
    return Menu(told.text.strip(), options, told.enabled and len(options) > 1)


def asks_for_menu(said: str) -> bool:
    """Whether the customer wants to choose again."""
    return " ".join(_words(fold(said))) in _MENU


def _words(folded: str) -> list[str]:
    return re.findall(r"[^\W_]+", folded)


def _within(phrase: str, folded: str) -> bool:
    """Whether the phrase stands in the text as whole words."""
    wanted, said = _words(phrase), _words(folded)
    size = len(wanted)
    return size > 0 and any(said[i : i + size] == wanted for i in range(len(said) - size + 1))
