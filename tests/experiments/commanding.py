"""The command as its users call it."""

from io import StringIO

from django.core.management import call_command

from authcompare.experiments.verdict import Kind, Verdict

HOLDS, REFUTED = Verdict(Kind.HOLDS, "It is so."), Verdict(Kind.REFUTED, "It is not so.")


def compare(*words: str) -> str:
    out = StringIO()
    call_command("compare", *words, stdout=out)
    return out.getvalue()


def ending(*words: str) -> object:
    """The exit status; 0 where the command just ends."""
    try:
        compare(*words)
    except SystemExit as left:
        return left.code
    return 0
