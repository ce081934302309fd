"""SimpleJWT's `JWTStatelessUserAuthentication`: a signature, and nothing else."""

from tests.stock.simple_jwt import *  # noqa: F403

AUTHENTICATOR = "rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication"
