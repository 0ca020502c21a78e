"""How a company wants its customers spoken to, as one line for a model.

Only the choices of the form are known here: whatever else stands in a profile is a fact, never an
instruction.
"""

from typing import Any

_STYLES: dict[str, dict[str, dict[str, str]]] = {
    "pt": {
        "tone": {
            "friendly": "amigável",
            "polite": "gentil",
            "professional": "profissional",
            "technical": "técnico",
        },
        "voice": {
            "welcoming": "acolhedora",
            "energetic": "animada",
            "calm": "calma",
            "objective": "objetiva",
        },
        "formality": {
            "informal": "informal, trate por você",
            "moderate": "moderada, trate por você",
            "formal": "formal, trate por senhor ou senhora",
        },
        "emoji": {
            "none": "nenhum",
            "minimal": "no máximo um, e raramente",
            "moderate": "um por mensagem",
            "frequent": "à vontade",
        },
    },
    "en": {
        "tone": {
            "friendly": "friendly",
            "polite": "polite",
            "professional": "professional",
            "technical": "technical",
        },
        "voice": {
            "welcoming": "welcoming",
            "energetic": "energetic",
            "calm": "calm",
            "objective": "objective",
        },
        "formality": {"informal": "informal", "moderate": "moderate", "formal": "formal"},
        "emoji": {
            "none": "none",
            "minimal": "one at most, and rarely",
            "moderate": "one in a message",
            "frequent": "freely",
        },
    },
}
_LABELS = {
    "pt": {"tone": "Tom", "voice": "voz", "formality": "formalidade", "emoji": "emojis"},
    "en": {"tone": "Tone", "voice": "voice", "formality": "formality", "emoji": "emojis"},
}


def style_line(profile: dict[str, Any], language: str) -> str:
    """The style of a `company_profile`, "" without one. Another language gets English."""
    language = language if language in _STYLES else "en"
    told = profile.get("style", {})
    parts = [
        f"{_LABELS[language][name]}: {words[told[name]]}"
        for name, words in _STYLES[language].items()
        if told.get(name) in words
    ]
    return f"{'; '.join(parts)}." if parts else ""
