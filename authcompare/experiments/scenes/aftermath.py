"""What a row of drills did to everybody: who was served, what was lost, and who came back that should not."""

from collections import Counter
from collections.abc import Mapping, Sequence

from authcompare.experiments.promises import COPY_SECONDS
from authcompare.experiments.scenes.asking import AFTER, AWAY, BEFORE, UNDER_WAY, Felt
from authcompare.experiments.scenes.drills import RECOVERY_SECONDS, Drill
from authcompare.experiments.verdict import Figure, amount

KILLED = Drill("Redis killed, back empty", "redis", "kill", "start")
FROZEN = Drill("Redis frozen, back as it was", "redis", "freeze", "thaw")
STOPPED = Drill("database stopped", "database", "stop", "start")
CRASHED = Drill("database crashed", "database", "kill", "start")
DRILLS = {drill.name: drill for drill in (KILLED, FROZEN, STOPPED, CRASHED)}
LOST_SHARE = 0.05  # of the answers, and one of a few: a pooled connection that went stale may cost as much
HUNG_SHARE = 0.8  # of the absence: who waits that long waits for the store to come back
SLOW_SHARE = HUNG_SHARE / 2  # whoever waits that long with every store there waits for the machine
TOLERANCE_SECONDS = 5
COPIED, STAFF, TOKEN, REFRESH, LOGIN = (
    "session", "session of staff", "access token", "refresh token", "login",
)  # fmt: skip
LIVE = (COPIED, STAFF, TOKEN, REFRESH, LOGIN)
ALONE, ASKED = "rows alone", "a row for every token"  # the arms without Redis, and with TOKEN_CHECK=database
WHERE = {ALONE: " (no Redis, TOKEN_CHECK=none)", ASKED: " (TOKEN_CHECK=database)"}
BY_ROW = {ALONE: {COPIED}, ASKED: {TOKEN}}  # who needs a row there besides those who always do
MEANWHILE = ("session ended meanwhile", "access token ended meanwhile")


class Aftermath:
    """Everything that was felt, by arm and drill, caller and phase."""

    def __init__(self, samples: Mapping[str, Sequence[Felt]]) -> None:
        self._all = {
            (_named(one.drill, arm), one.caller, one.phase): one
            for arm, several in samples.items()
            for one in several
        }
        self._where = {
            _named(one.drill, arm): (arm, DRILLS[one.drill].store)
            for arm, all_of in samples.items()
            for one in all_of
        }

    def drills_of(self, store: str) -> list[str]:
        """The names of the drills that took this store away."""
        return [drill for drill, (_, taken) in self._where.items() if taken == store]

    def needing_rows(self, drill: str) -> set[str]:
        """Who cannot go on without the database in it, by the design; while Redis is away everybody can."""
        arm, store = self._where[drill]
        return {STAFF, REFRESH, LOGIN} | BY_ROW.get(arm, set()) if store == "database" else set()

    def has(self, arm: str) -> bool:
        """Whether anything was tried there."""
        return arm in (one for one, _ in self._where.values())

    @property
    def drills(self) -> list[str]:
        """All of them."""
        return list(self._where)

    @property
    def without_database(self) -> str:
        """For how long it was away, at most."""
        absences = [
            one.seconds
            for (drill, _, phase), one in self._all.items()
            if phase == AWAY and drill in self.drills_of("database")
        ]
        return f"{amount(round(max(absences), 1))} s"

    @property
    def broken(self) -> str:
        """Why nothing can be said, as a sentence; else empty."""
        for (drill, caller, phase), one in self._all.items():
            if gone := [said for said, _ in one.answers if said.startswith("no answer")]:
                return f"{drill}, {caller}, {phase}: {gone[0]}. The server itself was gone."
            good = one.accepted if caller in LIVE else one.refused
            if phase == BEFORE and good < one.n:
                return f"{drill}, {caller}: a control before it was answered {_said([one])}."
        if slow := [place for place in self._all if place[2] == BEFORE and self._waits(*place[:2])]:
            return f"{slow[0][0]}, {slow[0][1]}: the machine was too slow, with every store there."
        wanted = ((d, c, p) for d in self.drills for c in LIVE for p in (BEFORE, AWAY, AFTER))
        missing = ["{}, {}, {}".format(*place) for place in wanted if place not in self._all]
        return f"{missing[0]}: nobody asked." if missing else "" if self.drills else "No drill was held."

    def _waits(self, drill: str, caller: str) -> bool:
        """Whether an answer before it was so late that one during it may be late for the same reason."""
        absence = self._all.get((drill, caller, AWAY))
        late = self._all[drill, caller, BEFORE].longest_ms / 1000
        return absence is not None and late >= SLOW_SHARE * absence.seconds

    @property
    def lost(self) -> str:
        """A living login that was told that it is none, or that did not work again afterwards."""
        for (drill, caller, phase), one in self._all.items():
            if caller in LIVE and one.refused:
                return f"{drill}: {one.refused} of {one.n} answers told a living {caller} that it had ended."
            if caller in LIVE and phase == AFTER and not one.accepted:
                return f"{drill}: {caller} did not work again within {RECOVERY_SECONDS} s: {_said([one])}."
        return ""

    @property
    def came_back(self) -> str:
        """An ended login that was let in, where nothing can excuse it."""
        for (drill, caller, phase), one in self._all.items():
            # Asked while Redis was frozen, answered by what it still held when it came back.
            at_the_thaw = phase == AWAY and one.accepted_from >= one.seconds
            back = phase in (UNDER_WAY, AFTER) or at_the_thaw
            excused = caller in MEANWHILE and one.drill == FROZEN.name and back
            late = one.accepted_until > COPY_SECONDS + TOLERANCE_SECONDS
            if caller not in LIVE and one.accepted and not (excused and not late):
                until = f", {amount(round(one.accepted_until, 1))} s into it" if late else ""
                return f"{drill}, {phase}: {caller} was let in {one.accepted} of {one.n} times{until}."
        return ""

    def stopped(self, drill: str) -> list[str]:
        """Who was not let in while the store was away."""
        ones = [self._all[drill, caller, AWAY] for caller in LIVE]
        return [
            one.caller
            for one in ones
            if not one.accepted or one.n - one.accepted > max(1, LOST_SHARE * one.n)
        ]

    def waited(self, drill: str) -> list[str]:
        """Who was let in, but so late that the store may have been waited for."""
        ones = [self._all[drill, caller, AWAY] for caller in LIVE if caller not in self.stopped(drill)]
        return [one.caller for one in ones if one.longest_ms >= HUNG_SHARE * 1000 * one.seconds]

    def told(self, store: str) -> str:
        """Drill by drill: who went on and who did not while it was away; figures tell of more."""
        return " ".join(
            f"{drill[0].upper()}{drill[1:]}: {self._told(drill)}." for drill in self.drills_of(store)
        )

    def _told(self, drill: str) -> str:
        stopped, waited = self.stopped(drill), self.waited(drill)
        groups = {
            "went on": [caller for caller in LIVE if caller not in stopped + waited],
            "let in late": waited,
            "stopped": stopped,
        }
        words = [self._fared(drill, how, callers) for how, callers in groups.items() if callers]
        return "; ".join([*words, *self._again(drill)])

    def _fared(self, drill: str, how: str, callers: Sequence[str]) -> str:
        ones = [one for one in self._in(drill, AWAY) if one.caller in callers]
        worst = amount(round(max(one.longest_ms for one in ones)))
        who = "everybody" if len(callers) == len(LIVE) else ", ".join(callers)
        return f"{who} {how} ({_said(ones)}, longest wait {worst} ms)"

    def _again(self, drill: str) -> list[str]:
        ones = [one for one in self._in(drill, AFTER) if one.caller in MEANWHILE and one.accepted]
        return [
            f"the {one.caller} was let in again {one.accepted} of {one.n} times, for "
            f"{amount(round(one.accepted_until, 1))} s"
            for one in ones
        ]

    def _in(self, drill: str, phase: str) -> list[Felt]:
        return [one for (name, _, when), one in self._all.items() if (name, when) == (drill, phase)]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """For each drill: who was served, how many ended logins were let in, and which came back."""
        return tuple(figure for drill in self.drills for figure in self._figures_of(drill))

    def _figures_of(self, drill: str) -> list[Figure]:
        figures = [_served(drill, self._all[drill, caller, AWAY]) for caller in LIVE]
        if under_way := [one for one in self._in(drill, UNDER_WAY) if one.caller in LIVE]:
            figures.append(_under_way(drill, under_way))
        ended = [one for (name, caller, _), one in self._all.items() if name == drill and caller not in LIVE]
        back = [one for one in ended if one.caller in MEANWHILE and one.phase == AFTER]
        figures.append(_let_in(drill, [one for one in ended if one not in back]))
        return figures + [_back(drill, one) for one in back]

    @property
    def doubts(self) -> tuple[str, ...]:
        """What a reader would hold against it, or against the product."""
        said = [(words, count) for one in self._all.values() for words, count in one.answers]
        errors = sum(count for words, count in said if words.startswith("500"))
        ones = [one for one in self._all.values() if one.caller in MEANWHILE and one.phase == AFTER]
        back = max((one.seconds for one in ones if one.accepted), default=0.0)
        again = ", ".join(f"{one.caller} let in {one.accepted} of {one.n} times" for one in ones)
        doubts = {
            f"{errors} answers were 500, which does not say that one may try again; 503 would.": errors,
            f"A Redis that was frozen has missed the marks of logins that ended meanwhile: {again}. The "
            f"product bounds this by {COPY_SECONDS} s; watched here for {back:.0f} s.": back,
        }
        return tuple(words for words, counts in doubts.items() if counts)


def _named(drill: str, arm: str) -> str:
    """Where there is Redis, and a denylist in it, the drill's name says enough."""
    return drill + WHERE.get(arm, "")


def _said(ones: Sequence[Felt]) -> str:
    total: Counter[str] = Counter()
    for one in ones:
        total.update(dict(one.answers))
    return ", ".join(f"{_times(count)} {said}" for said, count in total.most_common())


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _served(drill: str, one: Felt) -> Figure:
    return Figure(
        f"{drill}: {one.caller} served", one.accepted, f"of {one.n}", one.n,
        note=f"{_said([one])}; longest wait {amount(round(one.longest_ms))} ms",
    )  # fmt: skip


def _under_way(drill: str, ones: Sequence[Felt]) -> Figure:
    served, n = sum(one.accepted for one in ones), sum(one.n for one in ones)
    return Figure(f"{drill}: under way as it went or came, served", served, f"of {n}", n, note=_said(ones))


def _let_in(drill: str, ended: Sequence[Felt]) -> Figure:
    shown, accepted = sum(one.n for one in ended), sum(one.accepted for one in ended)
    logins = len({one.caller for one in ended})
    note = f"showings of {logins} logins"
    return Figure(f"{drill}: ended logins let in", accepted, f"of {shown}", logins, note=note)


def _back(drill: str, one: Felt) -> Figure:
    note = f"the last {amount(round(one.accepted_until, 1))} s after Redis went on" if one.accepted else ""
    return Figure(f"{drill}: {one.caller}, let in afterwards", one.accepted, f"of {one.n}", one.n, note=note)
