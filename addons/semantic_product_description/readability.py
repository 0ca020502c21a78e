"""How easily a text is read, in Portuguese, English and Spanish. Plain Python without Odoo.

The index runs from about 0 (hard) to 100 (easy):
- English: Flesch Reading Ease (R. Flesch, 1948), 206.835 − 1.015·W − 84.6·S.
- Portuguese: its adaptation to Brazilian texts (T. B. F. Martins et al., 1996), 42 higher.
- Spanish: J. Fernández Huerta (1959), 206.84 − 0.60·P − 1.02·F.
W and F are words per sentence, S syllables per word, P syllables per 100 words. Syllables are
counted as groups of vowels, with each language's hiatuses where they are written.
"""

import re

WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
SENTENCE_END = re.compile(r"[.!?…]+(?:\s|$)|\n")
FEWEST_WORDS = 20  # a shorter text says nothing about how it reads
VOWELS = {
    "pt": re.compile(r"[íúìù]|[aeiouyáàâãéêóôõü]+", re.IGNORECASE),
    "es": re.compile(r"[íú]|[aeiouyáéóü]+", re.IGNORECASE),
    "en": re.compile(r"[aeiouy]+", re.IGNORECASE),
}
SILENT_E = re.compile(r"[^aeiouyl]e$|[^aeiouysxzc]es$", re.IGNORECASE)


def reading_ease(text, language):
    """Return the index of `text`, 0–100, or None: too short, or a language without a formula.

    language: a code such as "pt_BR"; only what stands before the underscore counts.
    """
    language = language.partition("_")[0]
    words = WORD.findall(text)
    if language not in VOWELS or len(words) < FEWEST_WORDS:
        return None
    sentences = sum(bool(WORD.search(piece)) for piece in SENTENCE_END.split(text))
    per_sentence = len(words) / max(sentences, 1)
    per_word = sum(syllables(word, language) for word in words) / len(words)
    if language == "es":
        index = 206.84 - 60 * per_word - 1.02 * per_sentence
    else:
        index = 206.835 - 1.015 * per_sentence - 84.6 * per_word
        index += 42 if language == "pt" else 0
    return max(0, min(100, round(index)))


def syllables(word, language):
    """Return about how many syllables `word` has, at least one."""
    count = len(VOWELS[language].findall(word))
    if language == "en" and count > 1 and SILENT_E.search(word):
        count -= 1
    return max(count, 1)
