"""What an operator has to see to so that logins do not last: settings, and rows of those that are over."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authcompare.experiments.deployments.deployment import Broken, Site
from authcompare.experiments.exchanges.transcript import Transcript
from authcompare.experiments.live.attestation import said_by
from authcompare.experiments.scenes.ageing import Aged
from authcompare.experiments.scenes.limits import ACCESS, LIMITS
from authcompare.experiments.servers import run_manage

ABANDONED = 2  # logins of each kind
# Ages what has expired by two days, as waiting would, and lets the purge run. `manage.py` is the only way in.
PURGE = """
import io, json
from datetime import timedelta
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from authcompare.logins.models import Login
over = {}
for kind in Login.kinds():
    rows = kind._base_manager.filter(idle_until__lt=timezone.now())
    over[kind] = list(rows.values_list("pk", flat=True))
    kind._base_manager.filter(pk__in=over[kind]).update(idle_until=F("idle_until") - timedelta(days=2))
call_command("purgelogins", days=1, stdout=io.StringIO())
print(json.dumps({
    kind.scheme: [len(keys), kind._base_manager.filter(pk__in=keys).count()] for kind, keys in over.items()
}))
"""


@dataclass(frozen=True)
class Upkeep:
    """What one scheme needs besides: settings of the limits that the server keeps, and rows that do not go by
    themselves."""

    scheme: str
    settings: tuple[str, ...]
    expired_rows: int
    after_purge: int


def seen_to(site: Site, transcript: Transcript) -> list[Upkeep]:
    """Two logins of each kind are abandoned; their rows are counted when they have long expired."""
    for scheme in ("session", "token"):
        for _ in range(ABANDONED):
            Aged.new(scheme, site, transcript)
    site.wait(
        max(int(site.deployment.settings[name]) for name in ("SESSION_IDLE_SECONDS", "TOKEN_IDLE_SECONDS"))
        + 0.5
    )
    rows = json.loads(run_manage(site.environment, "shell", "--command", PURGE).splitlines()[-1])
    said = said_by(site.doors[0])
    if not said:
        raise Broken("the deployment does not say which settings are in force")
    return [Upkeep(scheme, _kept_by_the_server(scheme, said), *rows[scheme]) for scheme in rows]


def _kept_by_the_server(scheme: str, said: Mapping[str, Any]) -> tuple[str, ...]:
    """The settings of limits that were met, but for the one that is built into the access token."""
    names = sorted(setting.lower() for kind, setting in LIMITS.items() if kind != ACCESS)
    return tuple(name for name in names if name.startswith(scheme) and name in said)
