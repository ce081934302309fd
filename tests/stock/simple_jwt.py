"""SimpleJWT's `JWTAuthentication`: a signature, and a query for the user; logging out ends nothing."""

from tests.stock.base import *  # noqa: F403
from tests.stock.signing import SIMPLE_JWT  # noqa: F401

AUTHENTICATOR = "rest_framework_simplejwt.authentication.JWTAuthentication"
CREDENTIAL = "tests.stock.credentials.simple_jwt"
