"""The pieces of HTML that reports are made of. What is not called text here, its caller has escaped."""

import re
from collections.abc import Iterable, Sequence
from html import escape

CODE = re.compile(r"`([^`]+)`")
Row = Sequence[str]


def table(caption: str, heads: Sequence[str], rows: Iterable[Row]) -> str:
    """In a box of its own that scrolls; cells are HTML, the first one names its row.

    Each cell repeats its heading: where the page is narrow, cells stand below each other.
    """
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(_row(row, list(map(escape, heads))) for row in rows)
    label = escape(caption)
    return (
        f'<div class="scroll" role="group" aria-label="{label}" tabindex="0">'
        f"<table><caption>{label}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: Row, heads: Sequence[str]) -> str:
    cells = zip(row[1:], heads[1:], strict=True)
    rest = "".join(f'<td data-head="{head}">{cell}</td>' for cell, head in cells)
    return f'<tr><th scope="row">{row[0]}</th>{rest}</tr>'


def prose(text: str) -> str:
    """Sentences, escaped; what stands between backticks is code."""
    return CODE.sub(r"<code>\1</code>", escape(text))


def badge(kind: str) -> str:
    """A verdict, as a word."""
    word = escape(kind)
    return f'<span class="verdict verdict-{word.lower()}">{word}</span>'


def figure(drawn: str, words: str) -> str:
    """A plot with what it shows; nothing where nothing was drawn."""
    return f"<figure>{drawn}<figcaption>{escape(words)}</figcaption></figure>" if drawn else ""


def folded(summary: str, content: str, kind: str = "") -> str:
    """Closed until somebody wants it; nothing where there is nothing in it."""
    start = f'<details class="{kind}">' if kind else "<details>"
    return f"{start}<summary>{escape(summary)}</summary>{content}</details>" if content else ""


def paragraph(name: str, text: str) -> str:
    """A sentence under its name; nothing without a sentence."""
    return f"<p><strong>{name}:</strong> {prose(text)}</p>" if text else ""


def listed(items: Iterable[str], kind: str) -> str:
    """A list of sentences; nothing without any."""
    inside = "".join(f"<li>{prose(item)}</li>" for item in items)
    return f'<ul class="{kind}">{inside}</ul>' if inside else ""
