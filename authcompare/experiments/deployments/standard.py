"""Deployments for claims that need nothing special: whoever asks for one of these shares it with the others.

They count what each request needs (`Server-Timing`), which costs time: nothing is timed on them. Each signs
by another algorithm, so that together they cover all. What a claim makes there stays there for others: one
that ends logins of others, changes users or weighs a store asks for an exclusive deployment instead.
"""

from authcompare.experiments.deployments.deployment import Deployment

BY_CLAIMS = Deployment(
    "by-claims",
    {"WIRE": "True", "SESSION_STORE": "database", "TOKEN_CHECK": "none", "TOKEN_ALGORITHM": "ES256"},
)
BY_REDIS = Deployment(
    "by-redis",
    {"WIRE": "True", "SESSION_STORE": "cached", "TOKEN_CHECK": "denylist", "TOKEN_ALGORITHM": "HS256"},
)
BY_DATABASE = Deployment(
    "by-database",
    {"WIRE": "True", "SESSION_STORE": "database", "TOKEN_CHECK": "database", "TOKEN_ALGORITHM": "EdDSA"},
)
