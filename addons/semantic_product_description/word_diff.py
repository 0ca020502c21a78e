"""The difference of two texts, word by word. Plain Python without Odoo.

Texts go in and texts come out, never HTML: whoever shows the pieces escapes them, so that nothing
a text says can become markup.
"""

import re
from difflib import SequenceMatcher

SAME, ADDED, REMOVED = "same", "added", "removed"
TOKEN = re.compile(r"\w+|\s+|[^\w\s]", re.UNICODE)
# The comparison costs the product of both lengths: longer texts are compared line by line.
MOST_TOKENS = 3000
SLIGHT = 3  # letters of a word that does not part two changes
LINE = re.compile(r"[^\n]*\n|[^\n]+")


def word_diff(before, after):
    """Return [(SAME | ADDED | REMOVED, text)], in reading order.

    All SAME and REMOVED pieces joined are `before`, all SAME and ADDED ones `after`. Of two
    changes with a short word or nothing between them one is made: people read phrases.
    """
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    if len(old) + len(new) > MOST_TOKENS:
        old, new = LINE.findall(before), LINE.findall(after)
    pieces = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for operation, a0, a1, b0, b1 in matcher.get_opcodes():
        removed, added = "".join(old[a0:a1]), "".join(new[b0:b1])
        if operation == "equal":
            pieces.append((removed, removed, True))
        else:
            pieces.append((removed, added, False))
    return _told(_joined(pieces))


def _joined(pieces):
    """Join changes that next to nothing parts. pieces: [(before, after, same?)]."""
    joined = []
    for position, (old, new, same) in enumerate(pieces):
        between = same and _is_slight(old) and 0 < position < len(pieces) - 1
        if joined and not joined[-1][2] and (not same or between):
            joined[-1] = (joined[-1][0] + old, joined[-1][1] + new, False)
        else:
            joined.append((old, new, same))
    return joined


def _is_slight(text):
    words = text.split()
    return not words or (len(words) == 1 and len(words[0]) <= SLIGHT)


def _told(pieces):
    told = []
    for old, new, same in pieces:
        if same:
            told.append((SAME, old))
            continue
        told += [(kind, text) for kind, text in ((REMOVED, old), (ADDED, new)) if text]
    return told


def marked(pieces, phrases):
    """Return [(kind, text, marked?)]: `pieces` cut where one of `phrases` begins or ends.

    phrases: texts to be marked in what is proposed (SAME and ADDED pieces joined), wherever they
    stand, whatever their case and spaces.
    """
    proposed = "".join(text for kind, text in pieces if kind != REMOVED)
    spans = spans_of(proposed, phrases)
    told, place = [], 0
    for kind, text in pieces:
        if kind == REMOVED:
            told.append((kind, text, False))
            continue
        for part, inside in _cut(text, place, spans):
            told.append((kind, part, inside))
        place += len(text)
    return told


def spans_of(text, phrases):
    """Return the merged [(start, end)] where one of `phrases` stands in `text`."""
    found = []
    for phrase in phrases:
        words = phrase.split()
        if words:
            pattern = r"\s+".join(map(re.escape, words))
            # Not inside a word: "10 c" is not said by "10 cm".
            before = r"(?<!\w)" if re.match(r"\w", words[0]) else ""
            after = r"(?!\w)" if re.search(r"\w$", words[-1]) else ""
            matches = re.finditer(before + pattern + after, text, re.IGNORECASE)
            found += [match.span() for match in matches]
    merged = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(text, place, spans):
    """Cut `text`, which begins at `place`, at the borders of `spans`; yield (part, inside?)."""
    end, start = place + len(text), place
    for first, last in spans:
        first, last = max(first, start), min(last, end)
        if first >= last:
            continue
        if first > start:
            yield text[start - place : first - place], False
        yield text[first - place : last - place], True
        start = last
    if start < end:
        yield text[start - place :], False
