"""Verify before timing: an authenticator that is fast because it does not check must never be timed."""

from authcompare.experiments.clients import Client, TokenClient, logged_in
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, described, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer


def prove(site: Site, scheme: str, ends_at_once: bool, transcript: Transcript) -> None:
    """With a login that is made for it. Raises Broken."""
    prove_by(logged_in(scheme, site.doors[0], site.username, site.password, transcript), ends_at_once)


def prove_by(client: Client, ends_at_once: bool) -> None:
    """Altered credentials and ended logins are refused here, between accepted controls; this login is ended.

    Raises Broken.
    """
    scheme = client.scheme
    _expect(Outcome.ACCEPTED, client.me("control: accepted before"), scheme, "a fresh login")
    answer = client.show(altered(client.credential), "altered")
    _expect(Outcome.REFUSED, answer, scheme, "an altered credential")
    _expect(Outcome.ACCEPTED, client.me("control: accepted after"), scheme, "the same login again")
    credential = client.credential
    client.logout()
    if ends_at_once:
        _expect(Outcome.REFUSED, client.show(credential, "of the ended login"), scheme, "an ended login")
    if isinstance(client, TokenClient):
        _expect(
            Outcome.REFUSED,
            client.refresh(note="refresh of the ended login"),
            scheme,
            "an ended login's refresh",
        )


def altered(credential: str) -> str:
    """One character changed, in the middle of the last part, where every bit counts."""
    place = credential.rfind(".") + 1 + (len(credential) - credential.rfind(".")) // 2
    other = "A" if credential[place] != "A" else "B"
    return credential[:place] + other + credential[place + 1 :]


def _expect(wanted: Outcome, answer: Answer, scheme: str, what: str) -> None:
    if outcome(answer, scheme) is not wanted:
        raise Broken(f"Not timed, because {what} was answered {described(answer)} and not {wanted}.")
