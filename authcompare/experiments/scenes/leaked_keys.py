"""What whoever has a key can do with it: for how many users can he make a credential that is let in."""

import hashlib
import hmac
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.clients import SessionClient, TokenClient, logged_in
from authcompare.experiments.credentials.signing import Signer, Token, encode64, hmac_sign
from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.refusal import Outcome, first_odd, outcome
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.fleet import USERS
from authcompare.experiments.scenes.leaking import is_in

EVERYBODY = ("alice", "bob", "admin", *USERS)
SIGNING, BOTH, SECRET = "the signing key", "the signing key and a copy of the database", "SECRET_KEY"
INSIDER = "the signing key and a login of one's own"
SALTS = ("django.contrib.sessions.backends.signed_cookies", "django.contrib.sessions.SessionStore")


@dataclass(frozen=True)
class Forged:
    """Credentials made for each user with what leaked."""

    leaked: str
    made: int
    let_in: int
    controls: bool  # the real credential was let in before and after
    odd: str = ""

    @property
    def words(self) -> str:
        """What they were made with."""
        return f"made with {self.leaked}"


def with_signing_key(site: Site, transcript: Transcript) -> list[Forged]:
    """Tokens for everybody: with made-up logins, with an insider's own, with those that the database names.

    Everybody is logged in when this begins; the lab knows their ids and their logins.
    """
    clients = {name: logged_in("token", site.doors[0], name, site.password) for name in EVERYBODY}
    signer, owner = signer_of(site), clients[site.username]
    mine = Token.read(owner.access)
    real = [Token.read(client.access).claims for client in clients.values()]
    made_up = [{**claims, "sid": str(uuid.uuid4())} for claims in real]
    others = [claims for claims in real if claims["sub"] != mine.claims["sub"]]
    borrowed = [{**claims, "sid": mine.claims["sid"]} for claims in others]
    return [
        _shown(leaked, [forged(signer, mine, claims) for claims in said], owner, transcript)
        for leaked, said in ((SIGNING, made_up), (INSIDER, borrowed), (BOTH, real))
    ]


def signer_of(site: Site) -> Signer:
    """With the deployment's key, as if it had leaked. Raises Broken."""
    if site.keys is None:
        raise Broken("the deployment's key is not the lab's")
    return Signer.of(site.keys)


def forged(signer: Signer, pattern: Token, claims: Mapping[str, Any]) -> str:
    """An access token that says this of its user and login, and the rest like the pattern."""
    said = ("sub", "sid", "username", "is_staff", "auth_time")
    return signer.sign(pattern.with_claims(jti=str(uuid.uuid4()), **{name: claims[name] for name in said}))


def with_secret_key(site: Site, transcript: Transcript) -> list[Forged]:
    """Whatever it can sign: session cookies as Django's signed-cookie store makes them, and tokens."""
    secret, door = site.environment.get("SECRET_KEY"), site.doors[0]
    if not secret:
        raise Broken("the deployment's SECRET_KEY is not the lab's")
    session = logged_in("session", door, site.username, site.password)
    token = logged_in("token", door, site.username, site.password)
    user = session.me().json.get("id")
    content = encode64(f'{{"_auth_user_id":"{user}"}}'.encode())
    cookies = [_signed(content, salt, secret) for salt in SALTS]
    pattern = Token.read(token.access)
    minted = [hmac_sign(pattern.with_header(alg=name), secret.encode()) for name in ("HS256", "ES256")]
    return [_shown(SECRET, cookies, session, transcript), _shown(SECRET, minted, token, transcript)]


def _signed(content: str, salt: str, secret: str) -> str:
    """As `django.core.signing` does it: content, time in base 62, HMAC under a key made from the salt."""
    value = f"{content}:{_base62(int(time.time()))}"
    key = hashlib.sha256((salt + "signer" + secret).encode()).digest()
    mac = hmac.new(key, value.encode(), hashlib.sha256).digest()
    return f"{value}:{encode64(mac)}"


def _base62(number: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return (_base62(number // 62) if number >= 62 else "") + digits[number % 62]


def _shown(
    leaked: str, credentials: list[str], owner: SessionClient | TokenClient, transcript: Transcript
) -> Forged:
    before = is_in(owner)
    thief = owner.at(owner.connection)
    thief.transcript = transcript
    answers = []
    for number, credential in enumerate(credentials):
        note = f"made with {leaked}" if number == 0 else ""
        answers.append(thief.show(credential, note))
    found = [outcome(answer, owner.scheme) for answer in answers]
    let_in = sum(what is Outcome.ACCEPTED for what in found)
    return Forged(leaked, len(found), let_in, before and is_in(owner), first_odd(answers, found))
