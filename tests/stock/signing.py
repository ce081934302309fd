"""ES256, as ours, with a key of this set-up's own."""

import os
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from authcompare.keyfiles import written_once

NEW = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PEM = written_once(Path(os.environ["TOKEN_KEYS"]) / "stock.pem", NEW)
PUBLIC = load_pem_private_key(PEM, None).public_key()

SIMPLE_JWT = {
    "ALGORITHM": "ES256",
    "SIGNING_KEY": PEM.decode(),
    "VERIFYING_KEY": PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    "ISSUER": "authcompare",
    "AUDIENCE": "authcompare-api",
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=2),
}
