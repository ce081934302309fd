"""What became of every login that was ended, by whether its credential is checked, in figures."""

from collections.abc import Iterator, Mapping, Sequence

from authcompare.experiments.estimates import Line, fit, none_of
from authcompare.experiments.exchanges.refusal import Outcome
from authcompare.experiments.promises import in_production
from authcompare.experiments.scenes.ending import Ended
from authcompare.experiments.scenes.everywhere import SignedOut
from authcompare.experiments.verdict import Figure

EVERYWHERE = "signed out everywhere"
Sample = Ended | SignedOut


class Ends:
    """All samples, by what they are about. What had expired before its login was ended proves nothing."""

    def __init__(self, samples: Mapping[str, Sequence[Sample]]) -> None:
        self.everywhere = [one for each in samples.values() for one in each if isinstance(one, SignedOut)]
        ends = {name: [one for one in each if isinstance(one, Ended)] for name, each in samples.items()}
        self.arms = {name: several for name, several in ends.items() if several}
        self.in_time = [(name, one) for name, each in self.arms.items() for one in each if not one.late]

    def checked(self, scheme: str = "") -> list[Ended]:
        """Of logins whose end is promised to be seen at once: sessions, tokens, or both."""
        return [one for name, one in self.in_time if not one.promised and name.startswith(scheme)]

    @property
    def unchecked(self) -> list[Ended]:
        """Of access tokens that nobody is asked about."""
        return [one for _, one in self.in_time if one.promised]

    @property
    def line(self) -> Line:
        """How long unchecked tokens were let in, by the seconds that they had left."""
        return fit([(ended.left or 0.0, ended.watch.died_about) for ended in self.unchecked])

    @property
    def renewals(self) -> list[Outcome]:
        """What came of each refresh right after an end."""
        return [one.outcome for _, ended in self.in_time for one in ended.renewals]

    @property
    def refused(self) -> str:
        """How many of these were refused, in words."""
        return f"{self.renewals.count(Outcome.REFUSED)} of {len(self.renewals)}"


def figures_of(found: Ends) -> Iterator[Figure]:
    """Every number that the verdict rests on."""
    yield from _checked(found.checked())
    longest, n = max(ended.watch.dead_after or 0.0 for ended in found.unchecked), len(found.unchecked)
    yield Figure("unchecked tokens: longest use after the end", longest, "s", n)
    line = found.line
    yield Figure.of("… use per second left (slope)", line.slope, "", n)
    yield Figure("… use with nothing left (intercept)", line.intercept, "s", n)
    refused, n = found.renewals.count(Outcome.REFUSED), len(found.renewals)
    yield Figure("refresh tokens refused right after the end", refused, f"of {n}", n)
    for one in found.everywhere:
        name = f"{EVERYWHERE}: {one.logins} {one.scheme} logins, showings let in"
        told = f"the end was answered after {one.took * 1000:.0f} ms"
        yield Figure(name, one.accepted, f"of {one.shown}", one.logins, note=told)
    yield in_production("unchecked tokens")


def _checked(checked: Sequence[Ended]) -> Iterator[Figure]:
    """The end is what was repeated: many showings of one say how long it was watched."""
    n, let_in = len(checked), sum(ended.watch.accepted for ended in checked)
    bound = "" if let_in else f"; at most {none_of(n):.0%} of ends, at 95 %"
    name = "sessions and checked tokens: showings let in after the end"
    yield Figure(name, let_in, f"of {shown(checked)}", n, note=f"{n} ends{bound}")
    name = "… every worker had been asked after the end's answer within"
    yield Figure(name, first_asked(checked) * 1000, "ms", n)
    name = "… longest time in which some worker was not asked"
    yield Figure(name, resolution(checked) * 1000, "ms", n)


def shown(several: Sequence[Ended]) -> int:
    """How many showings there were after their ends."""
    return sum(len(ended.watch.polls) for ended in several)


def first_asked(several: Sequence[Ended]) -> float:
    """Within how many seconds of an end every worker had been asked."""
    return max(ended.watch.all_asked_after for ended in several)


def resolution(several: Sequence[Ended]) -> float:
    """The longest time, in seconds, during which some worker was not asked."""
    return max(ended.watch.resolution for ended in several)
