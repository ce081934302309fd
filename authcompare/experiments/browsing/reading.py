"""What a script on the page gets hold of, and whether a stranger is let in with it."""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authcompare.experiments.browsing.places import Place
from authcompare.experiments.browsing.scene import Scene
from authcompare.experiments.deployments.deployment import Broken

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

LAY_CANARY = "(canary) => { document.cookie = `canary=${canary}; Secure`; localStorage.canary = canary; }"
LOOK = """async () => {
    const seen = Object.entries(await reading.look(window));
    return Object.fromEntries(seen.map(([where, text]) => [where, reading.candidates(text)]));
}"""
LISTEN = """async (canary) => {
    const heard = reading.listen(window);
    await window.fetch("/healthz", { headers: { "X-Canary": canary } });
    await new Response(canary).text();
    await app.call("GET", "/me/");
    const status = await app.renew();
    const [requests, answers] = Object.values(heard).map((all) => reading.candidates(JSON.stringify(all)));
    return { status, requests, answers };
}"""
ASK = """async () => {
    const answer = await reading.ask(window);
    return { status: answer.status, candidates: reading.candidates(answer.text) };
}"""
LIST = "() => app.call('GET', '/active/').then((answer) => answer.text()).then(reading.candidates)"


@dataclass(frozen=True)
class Reading:
    """One place. `looked`, `listened` and `asked` say as what the loot of each strength opens the door.

    `listened` is to the page's next request, `answered` to the answer that renews its credential. `canaries`
    were laid out to be found: to be seen, and to be heard in a request and in an answer. `jar` is what opens
    with what the browser keeps, whoever may read it there; `listed` with what the server tells of this login.
    """

    accepted: tuple[bool, bool]
    canaries: tuple[bool, bool, bool]
    renewal: int
    looked: tuple[str, ...]
    seen_in: tuple[str, ...]
    listened: tuple[str, ...]
    answered: tuple[str, ...]
    asked: tuple[str, ...]
    jar: tuple[str, ...]
    listed: tuple[str, ...]


def read(scene: Scene, place: Place) -> Reading:
    """Log in on the page, then try to take the credential away, in three strengths. Raises Broken."""
    return scene.act(lambda context: _read(scene, place, context))


def _read(scene: Scene, place: Place, context: "BrowserContext") -> Reading:
    page, canary = scene.enter(context.new_page(), place), secrets.token_hex(16)
    before = scene.works(page, "control: the page's own request")
    page.evaluate(LAY_CANARY, canary)
    listed = page.evaluate(LIST)
    seen: dict[str, list[str]] = page.evaluate(LOOK)
    asked = page.evaluate(ASK)
    heard = page.evaluate(LISTEN, canary)
    if heard["status"] != 200:
        raise Broken(f"The page's own renewal was answered {heard['status']}.")
    requests, answers = heard["requests"], heard["answers"]
    opened = {where: scene.opens(texts, f"what was seen in {where}") for where, texts in seen.items()}
    return Reading(
        (before, scene.works(page, "control: still accepted")),
        (any(canary in texts for texts in seen.values()), canary in requests, canary in answers),
        asked["status"],
        tuple(dict.fromkeys(way for ways in opened.values() for way in ways)),
        tuple(where for where, ways in opened.items() if ways),
        scene.opens(requests, "what was heard of the page's next request"),
        scene.opens(answers, "what was heard of the answer to its next renewal"),
        scene.opens(asked["candidates"], "what the renewal answered"),
        scene.opens([one["value"] for one in context.cookies(scene.origin)], "what the browser's jar holds"),
        scene.opens(listed, "what the server tells of the login"),
    )
