"""A laptop whose tabs share one login, and what each of them holds of it."""

import random
from collections.abc import Sequence

from authcompare.experiments.clients import TokenClient
from authcompare.experiments.deployments.deployment import Door
from authcompare.experiments.exchanges.wire import Answer, Connection

TABS = 8


class Laptop:
    """Eight tabs that share what they store."""

    def __init__(self, client: TokenClient, source: random.Random) -> None:
        self.client, self.stored, self._random = client, client.refresh_token, source
        self._held: list[str] = []

    def fall_asleep(self) -> None:
        """Every tab holds what was stored last."""
        self._held = [self.stored] * TABS

    def refreshed(self, tab: int, doors: Sequence[Door]) -> Answer:
        """A tab shows the token it holds, or the one that another tab has stored."""
        token, door = self._random.choice([self._held[tab], self.stored]), self._random.choice(doors)
        answer = self.client.at(Connection(door)).refresh(token)
        if answer.status == 200:
            self._held[tab] = self.stored = answer.json["refresh"]
        return answer
