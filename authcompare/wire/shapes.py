"""The shape of a statement or command: enough to know which one it was, never a value."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

COLUMNS = re.compile(r"^(SELECT )(?:DISTINCT )?.{80,}?( FROM )", re.DOTALL)
INSERT = re.compile(r'^(INSERT INTO \S+) \("[^)]*\) VALUES \(.*?\)(?:, \(.*?\))*')
LITERAL = re.compile(r"'(?:[^']|'')*'")
LONG_NAME = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{20,}\b|\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f-]{22,}\b")
STATEMENT_CHARACTERS = 600
KEYS_SHOWN = 4
EVERY_WORD_IS_A_KEY = {"MGET", "DEL", "EXISTS", "UNLINK"}


def statement(sql: str) -> str:
    """A statement without its column list; values are parameters (`%s`), and literals are cut out."""
    line = LITERAL.sub("'…'", " ".join(str(sql).split()))
    short = INSERT.sub(r"\1 (…) VALUES (…)", COLUMNS.sub(r"\1…\2", line))
    return short if len(short) <= STATEMENT_CHARACTERS else short[:STATEMENT_CHARACTERS] + "…"


def command(words: Sequence[Any]) -> str:
    """The command and the keys it names, each shortened; no value."""
    name, *rest = [_text(word) for word in words] or [""]
    keys = rest if name.upper() in EVERY_WORD_IS_A_KEY else rest[:1]
    more = f" … {len(keys) - KEYS_SHOWN} more" if len(keys) > KEYS_SHOWN else ""
    return " ".join([name, *(shortened(key) for key in keys[:KEYS_SHOWN])]) + more


def pipeline(stack: Iterable[tuple[Sequence[Any], Any]]) -> str:
    """Commands that went in one round trip."""
    said = [command(words) for words, _ in stack]
    more = f"; … {len(said) - KEYS_SHOWN} more" if len(said) > KEYS_SHOWN else ""
    return "; ".join(said[:KEYS_SHOWN]) + more


def shortened(text: str) -> str:
    """Hashes and ids by their first eight characters."""
    return LONG_NAME.sub(lambda found: f"{found[1] or found[2]}…", text)[:80]


def _text(word: Any) -> str:
    return word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word)
