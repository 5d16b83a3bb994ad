"""Characters that no chemical text holds, each named with its place and its remedy."""

from __future__ import annotations

import re
import unicodedata

from mpnn_lab.errors import InputError

_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_PLAIN = re.compile(r"[^\x21-\x7e]")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad"
_LOOKALIKES = {
    **dict.fromkeys(_DASHES, "-"),
    "\u2261": "#",
    "\u2044": "/",
    "\u2215": "/",
    **dict(zip("АВСЕНІКМОРТХаеорсух", "ABCEHIKMOPTXaeopcyx", strict=True)),  # Cyrillic
    **dict(zip("ΑΒΕΗΙΚΜΝΟΡΤΥΧΖ", "ABEHIKMNOPTYXZ", strict=True)),  # Greek
}
_WRITTEN = {"-": "- (hyphen-minus)", "#": "# (number sign)", "/": "/ (slash)"}


def character_name(character: str) -> str:
    """Name a character by code point and, where Unicode has one, name."""
    known = unicodedata.name(character, "")
    if not known:
        known = "NULL" if character == "\0" else _nameless(character)
    return f"U+{ord(character):04X} {known}"


def _nameless(character: str) -> str:
    """Say what a character without a name is."""
    kinds = {"Cc": "a control character", "Cs": "a lone surrogate", "Cn": "no assigned character"}
    return kinds.get(unicodedata.category(character), "a character without a name")


def check_characters(text: str) -> None:
    """Refuse control characters and lone surrogates anywhere in `text`.

    Raises
    ------
    InputError
        Naming the first one and its position; in text of several lines, `text` is its line.
    """
    found = _NEVER.search(text)
    if found is None:
        return
    place = found.start()
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    shown = text[start : end if end >= 0 else len(text)]
    several = f" of line {text.count(chr(10), 0, place) + 1}" if shown != text else ""
    raise InputError(
        f"the text has {character_name(text[place])} at position {place - start}{several}",
        text=shown,
        position=place - start,
        mend="Remove it; a binary file has to be opened by the program that wrote it.",
    )


def check_plain(text: str, start: int, end: int) -> None:
    """Refuse what is not printable ASCII in ``text[start:end]``, a SMILES or an InChI.

    Raises
    ------
    InputError
        Naming the first such character, its position, and the ASCII one it looks like.
    """
    found = _NOT_PLAIN.search(text, start, end)
    if found is None:
        return
    place, character = found.start(), found.group()
    plain = _LOOKALIKES.get(character, "")
    if not plain:
        folded = unicodedata.normalize("NFKC", character)
        plain = folded if re.fullmatch(r"[\x21-\x7e]+", folded) else ""
    mend = f"write {_WRITTEN.get(plain, plain)}" if plain else "remove it"
    shown = text[start:end] if end - start <= 40 else text[max(start, place - 20) : place + 20]
    raise InputError(
        f"{shown} has {character_name(character)} at position {place}; {mend}",
        text=text,
        position=place,
        mend="A SMILES or InChI is written in ASCII letters, digits and signs.",
    )
