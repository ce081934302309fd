"""So many logins of each kind in one database, and what shows any of them at a server that has it.

No login has been away for a minute, so no request has to write down that it was seen: what those writes cost
is in the row "Performance: the whole cycle".
"""

import hashlib
import secrets
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from authcompare.experiments.clients import compose, logged_in
from authcompare.experiments.costs.timed_arms import PATHS
from authcompare.experiments.credentials.forgeries import Genuine
from authcompare.experiments.credentials.signing import Signer
from authcompare.experiments.deployments.deployment import Deployment, Site
from authcompare.experiments.live.fleet import Fleet
from authcompare.experiments.servers import run_manage

LOGINS_OF_A_USER = 10
FIRST_USER = 1_000  # beyond the lab's own users
MAKE = """
import os
from datetime import timedelta
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.db import transaction
from django.utils import timezone
from authcompare.experiments.bench.conditions.crowd import Crowd
from sessions_demo.models import Session, digest
from sessions_demo.store import SessionStore
from tokens_demo.models import TokenFamily

def session_data(user):
    proof = {HASH_SESSION_KEY: user.get_session_auth_hash(), BACKEND_SESSION_KEY: os.environ["LAB_BACKEND"]}
    return SessionStore().encode({SESSION_KEY: str(user.pk), **proof})

def rows(model, more):
    times = {**model.beginning(now), "last_seen_at": now + timedelta(hours=1)}
    seen = {"ip": "192.0.2.1", "user_agent": "Mozilla/5.0 " * 9, "device": "Chrome on Windows"}
    for number in range(crowd.logins):
        yield model(id=crowd.login_id(number), user_id=crowd.user(number), **times, **seen, **more(number))

crowd, now = Crowd.from_text(os.environ["LAB_CROWD"]), timezone.now()
users = get_user_model()._default_manager
password = users.get(username="alice").password
made = [users.model(pk=pk, username=crowd.username(pk), password=password) for pk in crowd.users]
data = {user.pk: session_data(user) for user in made}
with transaction.atomic():
    users.bulk_create(made)
    Session.objects.bulk_create(rows(Session, lambda number: {
        "key_hash": digest(crowd.session_key(number)), "session_data": data[crowd.user(number)]
    }))
    TokenFamily.objects.bulk_create(rows(TokenFamily, lambda number: {}))
"""
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Crowd:
    """Login `number` belongs to one of `users`; its id and its session key follow from the number."""

    file: Path
    logins: int
    salt: str

    @classmethod
    def made(cls, fleet: Fleet, directory: Path, logins: int) -> "Crowd":
        """A database with so many of each kind. Raises Broken."""
        crowd = cls(directory / f"{logins}.sqlite3", logins, secrets.token_hex(16))
        shutil.copy(fleet.template, crowd.file)
        wanted = {
            **Deployment("crowd").environment,
            "DATABASE_URL": crowd.url,
            "LAB_CROWD": f"{logins} {crowd.salt}",
            "LAB_BACKEND": BACKEND,
        }
        run_manage(fleet.environment(wanted), "shell", "--command", MAKE)
        return crowd

    @classmethod
    def from_text(cls, text: str) -> "Crowd":
        """For the process that fills the database."""
        logins, salt = text.split()
        return cls(Path(), int(logins), salt)

    @property
    def url(self) -> str:
        """As DATABASE_URL."""
        return f"sqlite:///{self.file}"

    @property
    def users(self) -> list[int]:
        """Their primary keys."""
        return sorted({self.user(number) for number in range(self.logins)})

    def user(self, number: int) -> int:
        """Whose login it is."""
        return FIRST_USER + number // LOGINS_OF_A_USER

    @staticmethod
    def username(user: int) -> str:
        """Of the user with this primary key."""
        return f"user{user}"

    def session_key(self, number: int) -> str:
        """What the cookie of this login holds."""
        return self._digest(number)[:32]

    def login_id(self, number: int) -> uuid.UUID:
        """Of the session and of the token family."""
        return uuid.UUID(self._digest(number)[32:])

    def _digest(self, number: int) -> str:
        return hashlib.sha256(f"{self.salt} {number}".encode()).hexdigest()


class Shown:
    """Requests of the crowd's logins at one site, whose key signs their tokens."""

    def __init__(self, crowd: Crowd, site: Site) -> None:
        self._crowd, self._door = crowd, site.doors[0]
        self._clients = {
            scheme: logged_in(scheme, self._door, site.username, site.password)
            for scheme in ("session", "token")
        }
        assert site.keys is not None
        self._genuine = Genuine(self._clients["token"].credential, "", Signer.of(site.keys))
        self._made: dict[tuple[str, int], bytes] = {}

    def request(self, client: str, number: int) -> bytes:
        """Who am I, asked by this login; by nobody in particular where the client is `open`."""
        if (client, number) not in self._made:
            headers = {} if client == "open" else self._headers(client, number)
            self._made[client, number] = compose(self._door, "GET", PATHS[client], headers)
        return self._made[client, number]

    def _headers(self, client: str, number: int) -> dict[str, str]:
        shown: dict[str, str] = self._clients[client].showing(self._credential(client, number))
        return shown

    def _credential(self, client: str, number: int) -> str:
        if client == "session":
            return self._crowd.session_key(number)
        user = self._crowd.user(number)
        whose = {"sub": str(user), "username": self._crowd.username(user)}
        return self._genuine.resigned(
            {}, {**whose, "sid": str(self._crowd.login_id(number)), "jti": str(uuid.uuid4())}
        )
