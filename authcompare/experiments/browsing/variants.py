"""Which protections are in force under which of the victim's names. The product's own are all in `product`.

One server answers under all of them; its answers say which layers were in force, and the claims check it.
"""

from enum import StrEnum

from authcompare.experiments.deployments.deployment import Deployment


class Layer(StrEnum):
    """One protection that can be there or not, whatever the others do."""

    SAMESITE = "samesite"  # cookies say SameSite=Lax or Strict; without it they say None
    TOKEN = "token"  # the CSRF token
    ORIGIN = "origin"  # Django's check of Origin and Referer
    FETCH_SITE = "fetch-site"  # a check of Sec-Fetch-Site, which the product leaves to the layers above
    JSON = "json"  # the API takes nothing but application/json
    HTTPONLY = "httponly"
    CSP = "csp"
    CORS = "cors"  # not a protection but its opposite: partners may read, with credentials
    ANYBODY = "cors-anybody"  # CORS that names no origin but says *, which speaks of no credentials
    PREFIX = "prefix"  # cookies are called `__Host-…`, as in production; without it, as in the lab
    UNSAID = "samesite-unsaid"  # no protection either: cookies leave it to the browser where they go along


Layers = frozenset[Layer]

PRODUCT: Layers = frozenset(
    {Layer.SAMESITE, Layer.TOKEN, Layer.ORIGIN, Layer.JSON, Layer.HTTPONLY, Layer.CSP, Layer.PREFIX}
)
NO_FORGERY_LAYER = PRODUCT - {Layer.SAMESITE, Layer.TOKEN, Layer.ORIGIN, Layer.JSON}
ONE_LAYER = (Layer.SAMESITE, Layer.TOKEN, Layer.ORIGIN, Layer.FETCH_SITE, Layer.JSON)
TOKEN_PLAIN = "only-token-plain-name"  # where a sibling may set the cookie that the token is compared with
ALONE: dict[str, Layer] = {**{f"only-{layer}": layer for layer in ONE_LAYER}, TOKEN_PLAIN: Layer.TOKEN}

VARIANTS: dict[str, Layers] = {
    "product": PRODUCT,
    "readable": PRODUCT - {Layer.HTTPONLY},
    "no-csp": PRODUCT - {Layer.CSP},
    "no-layer": NO_FORGERY_LAYER,
    **{name: NO_FORGERY_LAYER | {layer} for name, layer in ALONE.items()},
    TOKEN_PLAIN: (NO_FORGERY_LAYER | {Layer.TOKEN}) - {Layer.PREFIX},
    "samesite-unsaid": NO_FORGERY_LAYER | {Layer.UNSAID},
    "plain-name": PRODUCT - {Layer.PREFIX},
    "cors": PRODUCT | {Layer.CORS},
    "cors-samesite-none": (PRODUCT | {Layer.CORS}) - {Layer.SAMESITE},
    "cors-anybody": PRODUCT | {Layer.CORS, Layer.ANYBODY},
    "cors-anybody-samesite-none": (PRODUCT | {Layer.CORS, Layer.ANYBODY}) - {Layer.SAMESITE},
}
PARTNER = "partner.test"  # the other site that CORS names
LAYERS_HEADER = "Lab-Layers"
SETTINGS = "authcompare.experiments.victim.settings"
VICTIM = Deployment("victim", {"DJANGO_SETTINGS_MODULE": SETTINGS}, tls=True)


def host_of(variant: str, mark: str) -> str:
    """A registrable name of its own, that is: a site of its own. The mark has no hyphen."""
    return f"{variant}-{mark}.test"


def layers_of(host: str) -> Layers:
    """By the name that was asked for, with or without a port; under any other name, the product's."""
    return VARIANTS.get(host.partition(":")[0].removesuffix(".test").rpartition("-")[0], PRODUCT)


def written(layers: Layers) -> str:
    """The same for the same layers."""
    return " ".join(sorted(layers))
