"""From changes that were seen sooner or later to a verdict; then live, with planted faults."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from authcompare.experiments.claim import Arm
from authcompare.experiments.claims.rights import CHECKED, Rights
from authcompare.experiments.deployments.deployment import Broken, Deployment
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.scenes.altering import (
    ALREADY_OVER,
    CHANGES,
    DEACTIVATED,
    DEMOTED,
    PROMOTED,
    RENAMED,
    Seen,
)
from authcompare.experiments.verdict import Kind, Verdict
from tests.experiments.lookalikes import lookalike
from tests.experiments.visiting import decided, visited

ROW, COPY, NONE = "sessions, database", "sessions, cached, copies of 3 s, beside none", "tokens, none, 3 s"


def seen(change: str, source: str, promised: float) -> Seen:
    """As promised: an unchecked token to its end, a copy for half of what it may live."""
    last = {"row": 0.0, "mark": 0.0, "copy": promised / 2, "claims": promised - 0.1}[source]
    return Seen(change, source, promised, last, last + 0.2, 12, 1 if source == "row" else 0)


def samples() -> dict[str, list[Seen]]:
    """Every kind of arm, keeping its promises."""
    shows = {PROMOTED: "copy", RENAMED: "copy", DEMOTED: "row", DEACTIVATED: "mark"}
    return {
        ROW: [seen(change, "row", 0) for change in CHANGES],
        CHECKED: [seen(change, "row", 0) for change in CHANGES],
        COPY: [seen(change, source, 2.0 if source == "copy" else 0.0) for change, source in shows.items()],
        NONE: [seen(change, "claims", 0.5 + 0.4 * number) for number, change in enumerate(CHANGES)],
    }


def judged(arm: str, change: str, **changed: object) -> Verdict:
    """The verdict where one change was seen otherwise."""
    found = samples()
    found[arm] = [replace(one, **changed) if one.change == change else one for one in found[arm]]  # type: ignore[arg-type]
    return Rights().judge(found)


def test_it_depends_on_whether_the_user_is_looked_up_or_carried() -> None:
    verdict = Rights().judge(samples())
    assert verdict.kind is Kind.DEPENDS
    assert {name: one.kind for name, one in verdict.decisions.items()} == {
        "C05": Kind.HOLDS,
        "C25": Kind.DEPENDS,
    }
    assert (
        "From a row all 9 changes were seen by the next request; so were 1 of 1 deactivations that"
        in verdict.because
    )
    assert "and the loss of staff rights by every session" in verdict.rule
    assert "(none, denylist) the user needs 0 statements" in verdict.decisions["C25"].because
    assert "checked in the database (1 statement)" in verdict.decisions["C25"].because
    assert (
        "all 9 changes were seen by the next request; a copy that lived for up to 2 s showed the old"
        in verdict.decisions["C05"].because
    )
    derived = [figure for figure in verdict.figures if "production" in figure.name]
    assert [(figure.value, figure.n, "not seen" in figure.note) for figure in derived] == [
        (300, 0, True),
        (60, 0, True),
    ]


def test_a_row_that_shows_the_old_once_more_refutes() -> None:
    verdict = judged(ROW, DEMOTED, old_until=0.2, new_from=0.4)
    assert (verdict.kind, "demoted: the old was shown for 0.20 s" in verdict.because) == (Kind.REFUTED, True)


def test_a_copy_that_outlives_its_limit_refutes() -> None:
    assert judged(COPY, RENAMED, old_until=2.1, new_from=2.3).kind is Kind.DEPENDS
    assert judged(COPY, RENAMED, old_until=2.6, new_from=2.8).kind is Kind.REFUTED
    assert judged(COPY, RENAMED, old_until=3.2, new_from=None).because.endswith("not seen within 3.2 s.")


def test_a_claim_that_is_seen_before_the_token_expired_refutes() -> None:
    verdict = judged(NONE, DEACTIVATED, old_until=0.0, new_from=0.1)
    assert verdict.kind is Kind.REFUTED
    assert "seen after 0.10 s, 1.70 s before the token expired" in verdict.because


def test_what_had_run_out_before_the_change_is_named_and_left_out_of_the_line() -> None:
    found = samples()
    plain = Rights().judge(found)
    over = [replace(one, promised=ALREADY_OVER, old_until=0.0, new_from=0.2) for one in found[NONE]]
    verdict = Rights().judge({**found, "tokens, none, 1 s": over})
    slopes = [next(one for one in each.figures if "(slope)" in one.name) for each in (plain, verdict)]
    assert slopes[0] == slopes[1]
    assert len(plain.doubts) == 1
    assert verdict.doubts[1].endswith("so that nothing stale was seen: tokens, none, 1 s.")
    assert verdict.doubts[2].startswith("4 of 8 changes came after the token")
    assert Rights().judge({**found, NONE: over}).because.startswith("The machine was too slow")


def test_what_was_not_answered_as_expected_is_broken() -> None:
    assert (
        judged(ROW, PROMOTED, odd="500").because == f"{ROW}, promoted: 500 is neither acceptance nor refusal."
    )
    assert Rights().judge({}).kind is Kind.BROKEN
    assert Rights().judge({**samples(), NONE: []}).kind is Kind.BROKEN
    assert (
        Rights().judge({ROW: samples()[ROW]}).because
        == "Nothing was watched of what is told by: claims, copy, mark."
    )


@pytest.mark.parametrize("status", [200, 429, 500])
def test_a_server_that_only_looks_like_one_is_broken(status: int) -> None:
    arm = Rights().arms(quick=True)[0]
    with lookalike(status) as site, pytest.raises(Broken):
        Rights().visit(arm, site, None)  # type: ignore[arg-type]


def slower(arm: Arm, name: str, access_seconds: int) -> Arm:
    """The same arm with one login each, where a slow machine still meets the token alive."""
    settings = {**arm.deployment.settings, "TOKEN_ACCESS_SECONDS": str(access_seconds)}
    return replace(arm, deployment=Deployment(name, settings), parameters={"life": 2, "logins": 1})


def test_rights_of_another_age_than_promised_are_noticed_one_by_one(faulty: Callable[[str], Fleet]) -> None:
    arms = {arm.name: arm for arm in Rights().arms(quick=True)}
    denied = "tokens, denylist, 4 s"
    chosen = [
        slower(arms[COPY], "none", 9),
        slower(arms[NONE], "none", 9),
        slower(arms[denied], "checked", 2),
    ]
    fleet = faulty("rights_not_as_promised")

    def judged_here() -> list[Verdict]:
        found = visited(fleet, Rights(), chosen)
        return [Rights().judge({**samples(), arm.name: found[arm.name]}) for arm in chosen]

    said = dict(zip([arm.name for arm in chosen], decided(judged_here), strict=True))
    assert {verdict.kind for verdict in said.values()} == {Kind.REFUTED}
    assert "not seen within" in said[COPY].because
    assert "before the token expired" in said[NONE].because
    assert "promoted: not seen within" in said[denied].because
