"""An exchange as a line for the shell or a piece of Python; secrets become variables of the environment."""

import re
import shlex
from collections.abc import Callable

from authcompare.wire.exchange import Exchange

SECRET = re.compile(r"«([^:»]*):[^»]*»")
REPEATED = ["Accept", "Authorization", "Content-Type", "Cookie", "Origin", "Referer", "X-CSRFToken"]


def curl(exchange: Exchange, base: str) -> str:
    """`base` is the address of the site, without a slash at the end."""
    lines = [f"curl -i -X {shlex.quote(exchange.method)} {shlex.quote(base + exchange.path)}"]
    lines += [f"-H {_shell(f'{name}: {value}')}" for name, value in _headers(exchange)]
    lines += [f"--data-raw {_shell(exchange.sent_body)}"] if exchange.sent_body else []
    return " \\\n  ".join(lines)


def python(exchange: Exchange, base: str) -> str:
    """With the standard library only."""
    headers = "".join(f"        {name!r}: {_python(value)},\n" for name, value in _headers(exchange))
    body = f"    data=({_python(exchange.sent_body)}).encode(),\n" if exchange.sent_body else ""
    return (
        "import os\nfrom urllib.request import Request, urlopen\n\n"
        f"request = Request(\n    {base + exchange.path!r},\n    method={exchange.method!r},\n"
        f"    headers={{\n{headers}    }},\n{body})\n"
        "print(urlopen(request).read().decode())\n"
    )


def variables(exchange: Exchange) -> list[str]:
    """The variables that both need."""
    shown = [value for _, value in _headers(exchange)] + [exchange.sent_body]
    return sorted({_variable(name) for value in shown for name in SECRET.findall(value)})


def _headers(exchange: Exchange) -> list[list[str]]:
    return [line for line in exchange.sent if line[0] in REPEATED]


def _shell(value: str) -> str:
    return "".join(_pieces(value, shlex.quote, lambda name: f'"${name}"'))


def _python(value: str) -> str:
    return " + ".join(_pieces(value, repr, lambda name: f"os.environ[{name!r}]")) or "''"


def _pieces(value: str, literal: Callable[[str], str], variable: Callable[[str], str]) -> list[str]:
    """`split` with one group gives text, name, text, name, …, text."""
    parts = SECRET.split(value)
    said = [variable(_variable(part)) if number % 2 else literal(part) for number, part in enumerate(parts)]
    return [one for one, part in zip(said, parts, strict=True) if part]


def _variable(name: str) -> str:
    return re.sub(r"\W", "_", name, flags=re.ASCII).upper() or "VALUE"
