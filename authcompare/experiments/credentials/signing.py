"""Makes tokens with the deployment's real key, and tokens that only look like it."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from authcompare.experiments.deployments.deployment import Broken


def encode64(data: bytes) -> str:
    """base64url without padding, as JOSE writes it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode64(text: str) -> bytes:
    """The reverse of encode64."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Token:
    """The three parts of a compact JWS, readable without any key."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signature: str

    @classmethod
    def read(cls, compact: str) -> Self:
        """Raises Broken for what is not three parts of base64url JSON."""
        try:
            header, claims, signature = compact.split(".")
            return cls(json.loads(decode64(header)), json.loads(decode64(claims)), signature)
        except ValueError as error:
            raise Broken("The server's token is no compact JWS.") from error

    def with_claims(self, **changed: Any) -> Self:
        """The same with some claims changed; None removes one."""
        return replace(self, claims=_without_none({**self.claims, **changed}))

    def with_header(self, **changed: Any) -> Self:
        """The same with some header members changed; None removes one."""
        return replace(self, header=_without_none({**self.header, **changed}))

    @property
    def seconds_left(self) -> float:
        """Until it expires, by this machine's clock; negative afterwards. Raises Broken if the server's clock
        is ahead of it: then it is less."""
        if (ahead := float(self.claims["iat"]) - time.time()) > 0:
            raise Broken(f"the server's clock is at least {ahead:.1f} s ahead of this machine's")
        return float(self.claims["exp"]) - time.time()

    @property
    def signing_input(self) -> str:
        """What a signature covers."""
        return f"{_part(self.header)}.{_part(self.claims)}"

    @property
    def compact(self) -> str:
        """With the signature it has, whether or not that still fits."""
        return f"{self.signing_input}.{self.signature}"


def _part(members: Mapping[str, Any]) -> str:
    return encode64(json.dumps(members, separators=(",", ":")).encode())


def _without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True)
class Signer:
    """A key with its algorithm."""

    algorithm: str
    key: Any

    @classmethod
    def of(cls, directory: Path) -> Self:
        """The key a deployment made for itself."""
        files = sorted(file for file in directory.iterdir() if file.suffix in (".pem", ".secret"))
        if len(files) != 1:
            raise Broken(f"The deployment has {len(files)} keys where one was expected.")
        content = files[0].read_bytes()
        if files[0].suffix == ".secret":
            return cls("HS256", decode64(content.decode().strip().rstrip("=")))
        key = serialization.load_pem_private_key(content, password=None)
        return cls("EdDSA" if isinstance(key, ed25519.Ed25519PrivateKey) else "ES256", key)

    @classmethod
    def stranger(cls, algorithm: str) -> Self:
        """A key of the same kind that the deployment has never seen."""
        if algorithm == "HS256":
            return cls(algorithm, b"a stranger's key, long enough for HS256")
        made: PrivateKeyTypes = (
            ed25519.Ed25519PrivateKey.generate()
            if algorithm == "EdDSA"
            else ec.generate_private_key(ec.SECP256R1())
        )
        return cls(algorithm, made)

    def sign(self, token: Token) -> str:
        """The compact token, signed; the header is taken as it stands, `alg` included."""
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        signature = algorithm.sign(token.signing_input.encode(), algorithm.prepare_key(self.key))
        return f"{token.signing_input}.{encode64(signature)}"

    @property
    def public_pem(self) -> bytes:
        """What everybody may know; the classic confusion is to use it as an HMAC secret."""
        return bytes(
            self.key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )


def write_key(directory: Path, not_before: int, algorithm: str = "ES256") -> None:
    """A new key of a public algorithm, as a file that says from when it may sign (Unix time)."""
    directory.mkdir(parents=True, exist_ok=True)
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    content = Signer.stranger(algorithm).key.private_bytes(*pem)
    beside = directory / ".new"
    beside.write_bytes(content)
    beside.rename(directory / f"{not_before}.pem")  # complete the moment it appears


def hmac_sign(token: Token, secret: bytes) -> str:
    """HS256 with any bytes as the secret, also with those a careful library refuses."""
    mac = hmac.HMAC(secret, hashes.SHA256())
    mac.update(token.signing_input.encode())
    return f"{token.signing_input}.{encode64(mac.finalize())}"
