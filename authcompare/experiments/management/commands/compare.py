"""`manage.py compare`: a verdict for every claim, on live servers that it starts itself."""

import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from authcompare.experiments import against, agreement, bench, leaving, report, results
from authcompare.experiments.bench import record
from authcompare.experiments.claim import Claim
from authcompare.experiments.claims import discover
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.frame import Finished, Frame
from authcompare.experiments.live.attestation import said_by
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.schedule import Outlook, Schedule, expected_seconds
from authcompare.experiments.telling import agreeing, markdown, shipping
from authcompare.experiments.telling.machine import command, environment
from authcompare.experiments.telling.progress import Teller
from authcompare.experiments.telling.terminal import console, show, show_times
from authcompare.experiments.verdict import DECIDED, Kind

SETTINGS = "authcompare.settings"
NOT_SHIPPED = (
    "What is shipped is a full run of this product on the lab's own servers: leave out --quick, --against "
    "and --settings-under-test, or --ship."
)
UNKNOWN_CODE = (
    "What is shipped must name the commit that it was measured at, and here is something that no commit "
    "holds (see git status). Commit it or take it away, then run this again."
)


class Command(BaseCommand):
    """Starts servers, measures, judges, ends the servers; writes what `/report/` shows."""

    help = "Measure the claims about sessions and tokens on live servers, and judge them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("claims", nargs="*", metavar="CLAIM", help="only these (see --list)")
        parser.add_argument("--quick", action="store_true", help="less of everything, in a minute and a half")
        parser.add_argument("--list", action="store_true", help="name the claims and end")
        parser.add_argument(
            "--json", type=Path, metavar="FILE", help="write this run's results there as well"
        )
        parser.add_argument("--html", type=Path, metavar="FILE", help="write a report that needs no server")
        parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a report as Markdown")
        parser.add_argument(
            "--fail-on",
            choices=leaving.FAILS,
            help=f"end with status {leaving.FAILED} if a claim is refuted, or decided otherwise than shipped",
        )
        parser.add_argument(
            "--ship", action="store_true", help="make this run the one that comes with the repo"
        )
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument(
            "--bench",
            nargs="?",
            const=bench.ALL,
            choices=[bench.ALL, *bench.BENCHES],
            help="instead: the benchmarks, or one of them",
        )
        instead.add_argument(
            "--agree",
            nargs="+",
            type=Path,
            metavar="FILE",
            help=f"instead: whether these runs, by --json, say the same; else status {leaving.DISAGREE}",
        )
        parser.add_argument("--seed", type=int, help="the order of measuring; printed with every result")
        instead.add_argument(
            "--against",
            metavar="URL",
            help="the read-only claims on a deployment that runs; on this machine others, too, if named",
        )
        parser.add_argument(
            "--user", default="alice", help="who logs in with --against (password: DEMO_PASSWORD)"
        )
        # For planted faults: the settings that every deployment of this run gets.
        parser.add_argument("--settings-under-test", default=SETTINGS, help="a settings module")

    def handle(self, *args: Any, **options: Any) -> None:
        out = console(self.stdout._out)
        chosen = self._chosen(options["claims"], options["against"])
        if options["list"]:
            for claim in chosen:
                out.print(f"{claim.name:16} {claim.row:36} {claim.statement}", soft_wrap=True)
            return
        if options["agree"]:
            self._agree(options["agree"], out)
            return
        site = _running_site(options["against"], options["user"]) if options["against"] else None
        run = self._run_facts(options, site)
        if options["ship"]:
            self._refuse_to_ship(options, run["environment"])
        leaving.end_once()
        if options["bench"]:
            self._bench(options, run, out)
            return
        finished = self._measure(chosen, options, run, out, site)
        found = results.document(run, finished)
        self._write(found, options)
        show(out, found)
        show_times(out, finished, options["quick"])
        out.print(self._where(found, options))
        self._leave(finished, options)

    def _agree(self, paths: Sequence[Path], out: Console) -> None:
        try:
            found = agreement.agreement(paths)
        except agreement.Unusable as error:
            raise CommandError(str(error), returncode=leaving.UNUSABLE_FILE) from error
        agreeing.show(out, found)
        if not found.whole:
            sys.exit(leaving.DISAGREE)

    def _bench(self, options: dict[str, Any], run: dict[str, Any], out: Console) -> None:
        found: dict[str, Any] = {}
        try:
            for name, one in bench.measured(options["bench"], run, self.stdout.write):
                found[name] = one
                record.keep(record.NEWEST, {name: one})
                record.show(out, one)
        except Broken as error:
            raise CommandError(str(error)) from error
        if options["ship"]:
            record.ship(found)
        if any(goal["word"] != "reached" for one in found.values() for goal in one["goals"]):
            sys.exit(leaving.MISSED)

    def _chosen(self, names: Sequence[str], url: str | None) -> list[Claim[Any]]:
        claims = {claim.name: claim for claim in discover()}
        if unknown := [name for name in names if name not in claims]:
            known = ", ".join(claims)
            raise CommandError(
                f"There is no claim '{unknown[0]}'. The claims are: {known}.",
                returncode=leaving.UNKNOWN_CLAIM,
            )
        asked = [claims[name] for name in names] or list(claims.values())
        needed = {name for claim in asked for name in claim.needs}
        chosen = [claim for claim in claims.values() if claim in asked or claim.name in needed]
        wider = url is not None and not against.is_this_machine(url)
        if wider and (refused := [claim.name for claim in chosen if names and not claim.read_only]):
            possible = ", ".join(claim.name for claim in claims.values() if claim.read_only)
            raise CommandError(
                f"'{refused[0]}' needs servers of its own; with --against another machine only: {possible}.",
                returncode=leaving.UNKNOWN_CLAIM,
            )
        return chosen

    def _run_facts(self, options: dict[str, Any], site: Site | None) -> dict[str, Any]:
        own, url = environment(), options["against"]
        return {
            "command": command(sys.argv[1:], {options["json"], options["html"], options["markdown"]}),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "quick": options["quick"],
            "seed": options["seed"] if options["seed"] is not None else secrets.randbelow(10**6),
            "options": _about(options),
            "environment": against.environment(own, url, said_by(site.doors[0])) if site else own,
        }

    def _refuse_to_ship(self, options: dict[str, Any], machine: Mapping[str, Any]) -> None:
        if _about(options) or options["quick"]:
            raise CommandError(NOT_SHIPPED, returncode=leaving.UNUSABLE_CODE)
        if machine["dirty"] or not machine["commit"]:
            raise CommandError(UNKNOWN_CODE, returncode=leaving.UNUSABLE_CODE)

    def _measure(
        self,
        chosen: list[Claim[Any]],
        options: dict[str, Any],
        run: dict[str, Any],
        out: Console,
        site: Site | None,
    ) -> list[Finished]:
        expected = expected_seconds(chosen, results.read(results.NEWEST), options["quick"])
        with Fleet(options["settings_under_test"]) as fleet, Teller(out, Outlook(chosen, expected)) as teller:
            frame = Frame(fleet, options["quick"], run["seed"], teller)
            if site:
                asked = (claim for claim in chosen if claim.read_only or options["claims"])
                finished = [frame.run_against(claim, site) for claim in asked]
            else:
                finished = Schedule(frame, expected).run(chosen)
            leaving.end_no_more()
            return finished

    def _write(self, found: dict[str, Any], options: dict[str, Any]) -> None:
        if not _about(options) and results.worth_keeping(found):
            results.write(results.NEWEST, results.merged(results.read(results.NEWEST), found))
        if options["ship"]:
            shipping.ship(found)
        if options["json"]:
            results.write(options["json"], found)
        if options["html"]:
            options["html"].write_text(report.standalone(found))
        if options["markdown"]:
            options["markdown"].write_text(markdown.render_markdown(found))

    def _where(self, found: dict[str, Any], options: dict[str, Any]) -> str:
        files = [str(options[kind]) for kind in ("json", "html", "markdown") if options[kind]]
        if _about(options):
            shown = "Not shown at /report/: it is about another deployment."
        elif results.worth_keeping(found):
            files.append(f"{results.NEWEST.relative_to(results.BASE_DIR)}")
            shown = "/report/ shows it."
        else:
            shown = "Not shown at /report/: no claim came to a verdict."
        return f"Written: {', '.join(files)}. {shown}" if files else shown

    def _leave(self, finished: Sequence[Finished], options: dict[str, Any]) -> None:
        if any(one.interrupted for one in finished):
            sys.exit(leaving.INTERRUPTED)
        kinds = {one.claim.name: one.verdict.kind for one in finished}
        if broken := ", ".join(name for name, kind in kinds.items() if kind is Kind.BROKEN):
            raise CommandError(f"The harness failed at: {broken}. That says nothing about the claims.")
        if options["fail_on"] and not DECIDED & set(kinds.values()):
            raise CommandError("Nothing was decided, so nothing was found to be right either.")
        if options["fail_on"] and leaving.FAILS[options["fail_on"]](kinds):
            sys.exit(leaving.FAILED)


def _about(options: Mapping[str, Any]) -> list[str]:
    """The options that say which deployment it is about, where it is not this product as it is.

    Somebody else's, or one with a planted fault, is no evidence about it.
    """
    words = ["--against", options["against"], "--user", options["user"]] if options["against"] else []
    under_test = options["settings_under_test"]
    return words if under_test == SETTINGS else [*words, "--settings-under-test", under_test]


def _running_site(url: str, user: str) -> Site:
    password = os.environ.get("DEMO_PASSWORD", "")
    try:
        site = against.running_site(url, user, password)
    except ValueError as error:
        raise CommandError(str(error), returncode=leaving.UNKNOWN_CLAIM) from error
    if not password:
        said = f"Set DEMO_PASSWORD to the password of {user} there."
        raise CommandError(said, returncode=leaving.UNKNOWN_CLAIM)
    return site
