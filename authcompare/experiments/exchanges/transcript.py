"""The requests that decided, with every secret replaced by a label that still tells equal from different."""

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from authcompare.experiments.exchanges.wire import Answer

PASSWORDS = {"password", "old_password", "new_password"}  # short enough to be found by their digest
SECRET_FIELDS = {"access", "refresh", "csrfmiddlewaretoken"}
SHOWN_BODY_CHARACTERS = 400
LINES_KEPT = 400
TOLD_BY_ANSWERS = {
    "www-authenticate",
    "set-cookie",
    "cache-control",
    "content-type",
    "retry-after",
    "location",
}
NOT_TOLD_BY_REQUESTS = {"content-length", "host"}
COOKIE_PAIR = re.compile(r"([^=;\s]+)=([^;]*)")


@dataclass(frozen=True)
class Line:
    """One exchange as it is published."""

    note: str
    request: str
    answer: str


@dataclass
class Transcript:
    """A bounded list: a run polls thousands of times, and a few exchanges decide."""

    lines: list[Line] = field(default_factory=list)
    heading: str = ""

    def record(self, note: str, request: bytes, answer: Answer) -> None:
        """Keep one exchange, masked."""
        if self.has_room:
            self.keep(Line(note, masked_message(request), masked_answer(answer)))

    def keep(self, line: Line) -> None:
        """Keep one that holds no secrets, while there is room."""
        if self.has_room:
            note = f"{self.heading}: {line.note}" if self.heading else line.note
            self.lines.append(replace(line, note=note))

    @property
    def has_room(self) -> bool:
        """Masking what is not kept would take time from whoever is asked next."""
        return len(self.lines) < LINES_KEPT

    def under(self, heading: str) -> "Transcript":
        """The same list; what is recorded through this one says under which heading."""
        return Transcript(self.lines, heading)


def label(secret: str) -> str:
    """Says its length and which one it is, not what it is."""
    return f"<{len(secret)} characters, #{hashlib.sha256(secret.encode()).hexdigest()[:4]}>"


def masked_message(message: bytes) -> str:
    """A request with its secrets labelled."""
    head, _, body = message.partition(b"\r\n\r\n")
    first, *headers = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(":")[::2] for line in headers]
    shown = [
        _masked_header(name, value.strip())
        for name, value in pairs
        if name.lower() not in NOT_TOLD_BY_REQUESTS
    ]
    return "\n".join([first.removesuffix(" HTTP/1.1"), *shown, *_masked_body(body)])


def masked_answer(answer: Answer) -> str:
    """An answer with its secrets labelled."""
    if answer.failure:
        return f"no answer: {answer.failure}"
    first = answer.head.decode("latin-1").partition("\r\n")[0].removeprefix("HTTP/1.1 ")
    shown = [_masked_header(name, value) for name, value in answer.headers if name in TOLD_BY_ANSWERS]
    return "\n".join([first, *shown, *_masked_body(answer.body)])


def _masked_header(name: str, value: str) -> str:
    match name.lower():
        case "cookie":
            return f"{name}: " + COOKIE_PAIR.sub(lambda pair: f"{pair[1]}={label(pair[2])}", value)
        case "set-cookie":
            return f"{name}: " + COOKIE_PAIR.sub(lambda pair: f"{pair[1]}={label(pair[2])}", value, count=1)
        case "authorization":
            scheme, _, credential = value.partition(" ")  # without a scheme all of it is the credential
            return f"{name}: {scheme} {label(credential)}" if credential else f"{name}: {label(value)}"
        case "x-csrftoken":
            return f"{name}: {label(value)}"
    return f"{name}: {value}"


def _masked_body(body: bytes) -> list[str]:
    if not body:
        return []
    try:
        shown = json.dumps(_masked_json(json.loads(body)))
    except ValueError:
        shown = f"({len(body)} bytes that are not JSON)"
    return ["", shown if len(shown) <= SHOWN_BODY_CHARACTERS else shown[:SHOWN_BODY_CHARACTERS] + " …"]


def _masked_json(value: Any) -> Any:
    if isinstance(value, list):
        return [_masked_json(one) for one in value]
    if isinstance(value, dict):
        return {key: _masked_field(key, one) for key, one in value.items()}
    return value


def _masked_field(key: str, value: Any) -> Any:
    if key in PASSWORDS and value:
        return f"<{key}>"
    return label(str(value)) if key in SECRET_FIELDS and value else _masked_json(value)
