"""How a run ends: what ends it early, and which exit status it has earned."""

import signal
from collections.abc import Callable, Mapping
from types import FrameType

from authcompare.experiments import results
from authcompare.experiments.verdict import DECIDED, Kind

DISAGREE = 1
UNKNOWN_CLAIM = UNUSABLE_FILE = UNUSABLE_CODE = 2
FAILED = 3
MISSED = 4
INTERRUPTED = 130
ENDINGS = (signal.SIGINT, signal.SIGTERM)
Kinds = Mapping[str, Kind]  # by the name of the claim


def end_once() -> None:
    """From now on the first signal ends the run; another would only lose what is being kept."""
    for ending in ENDINGS:
        signal.signal(ending, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    end_no_more()
    raise KeyboardInterrupt


def end_no_more() -> None:
    """What was found is judged, written and shown, however often somebody asks for the end."""
    for ending in ENDINGS:
        signal.signal(ending, lambda number, frame: None)  # SIG_IGN would go on in a new process


def refuted(kinds: Kinds) -> bool:
    """Whether any claim is."""
    return Kind.REFUTED in kinds.values()


def changed(kinds: Kinds) -> bool:
    """Whether any claim was decided in another way than in the results that are shipped."""
    known = {one["name"]: one["verdict"]["kind"] for one in results.loaded(results.SHIPPED)["claims"]}
    return any(kind in DECIDED and kind != known.get(name, kind) for name, kind in kinds.items())


FAILS: Mapping[str, Callable[[Kinds], bool]] = {"refuted": refuted, "changed": changed}
