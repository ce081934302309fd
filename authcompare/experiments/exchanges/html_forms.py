"""The forms on a page, as a browser without JavaScript sees them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

NOT_SENT = ("submit", "button", "reset", "file", "image")


@dataclass
class Form:
    """Where it goes, and what it would send if nothing were changed. Buttons send nothing here."""

    action: str = ""
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Whether there is a field of that name."""
        return any(one == name for one, _ in self.fields)


def forms(html: str) -> list[Form]:
    """In the order of the page; fields outside of any form come first, as a form that goes nowhere."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def form_fields(html: str) -> list[tuple[str, str]]:
    """All fields of all forms of the page."""
    return [one for form in forms(html) for one in form.fields]


class _Reader(HTMLParser):
    """Inputs with their values, ticked boxes, chosen options, text areas."""

    def __init__(self) -> None:
        super().__init__()
        self.forms = [Form()]
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        match tag:
            case "form":
                self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
            case "input" if name:
                self._input(name, given)
            case "select":
                self._select = name
            case "option" if "selected" in given and self._select:
                self._add(self._select, given.get("value", ""))
            case "textarea":
                self._area = name
                self._add(name, "")

    def handle_data(self, data: str) -> None:
        if self._area:
            name, value = self.forms[-1].fields.pop()
            self._add(name, value + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def _add(self, name: str, value: str) -> None:
        self.forms[-1].fields.append((name, value))

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" in given:
                self._add(name, given.get("value", "on"))
        elif kind not in NOT_SENT:
            self._add(name, given.get("value", ""))
