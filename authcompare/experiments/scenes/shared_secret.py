"""Tokens that a shared secret signs: what a second service can tell without it, and make with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from authcompare.experiments.clients import TokenClient, logged_in
from authcompare.experiments.credentials.signing import Token
from authcompare.experiments.deployments.deployment import Site
from authcompare.experiments.exchanges.refusal import Outcome, first_odd, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.exchanges.wire import Answer, Connection
from authcompare.experiments.live.second import judged_by_second
from authcompare.experiments.scenes.independence import AUDIENCE, published_keys, shown
from authcompare.experiments.scenes.leaked_keys import EVERYBODY, forged, signer_of


@dataclass(frozen=True)
class SharedSecret:
    """A good token of each of `of` users, shown to a service that has what the issuer publishes, and one made
    for each of them with the secret, shown to the issuer."""

    keys: int  # published
    of: int
    accepted: int  # by the service
    let_in: int  # by the issuer
    odd: str = ""


def without_and_with_it(site: Site, transcript: Transcript, service: str) -> SharedSecret:
    """Everybody logs in; the tokens made with the secret say of them what their own say."""
    owners = [logged_in("token", site.doors[0], name, site.password) for name in EVERYBODY]
    good = _shown_to(service, owners, site, transcript)
    made = _made_with_it(owners, site, transcript)
    told = [judged_by_second(answer) for answer in good]
    found = [outcome(answer, "token") for answer in made]
    return SharedSecret(
        len(published_keys(site)),
        len(owners),
        told.count(Outcome.ACCEPTED),
        found.count(Outcome.ACCEPTED),
        first_odd(good, told) or first_odd(made, found),
    )


def _shown_to(
    service: str, owners: Sequence[TokenClient], site: Site, transcript: Transcript
) -> list[Answer]:
    connection = Connection(site.second(service, AUDIENCE).door)
    notes = ["a good token, where only what is published is known", *[""] * (len(owners) - 1)]
    return [
        shown(connection, owner.access, transcript, note) for owner, note in zip(owners, notes, strict=True)
    ]


def _made_with_it(owners: Sequence[TokenClient], site: Site, transcript: Transcript) -> list[Answer]:
    signer, pattern = signer_of(site), Token.read(owners[0].access)
    hands = owners[0].at(owners[0].connection)
    hands.transcript = transcript
    said = [Token.read(owner.access).claims for owner in owners]
    notes = ["made with the secret", *[""] * (len(owners) - 1)]
    return [
        hands.show(forged(signer, pattern, claims), note) for claims, note in zip(said, notes, strict=True)
    ]
