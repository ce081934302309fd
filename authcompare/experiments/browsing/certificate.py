"""A certificate for one run, signed by itself: whoever is shown it compares it with this very one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAME = "authcompare-lab.test"
LIFE = timedelta(days=2)
CLOCK_TOLERANCE = timedelta(hours=1)


@dataclass(frozen=True)
class Certificate:
    """Two files in PEM; the key is unencrypted PKCS #8, readable by its owner only."""

    chain: Path
    key: Path

    @classmethod
    def make(cls, directory: Path) -> Self:
        """A new pair in that directory, which exists."""
        made = cls(directory / "certificate.pem", directory / "certificate-key.pem")
        key = ec.generate_private_key(ec.SECP256R1())
        made.key.touch(mode=0o600)
        made.key.write_bytes(_pem_of(key))
        made.chain.write_bytes(_signed(key).public_bytes(serialization.Encoding.PEM))
        return made

    @property
    def for_granian(self) -> dict[str, str]:
        """The variables by which granian ends TLS with it."""
        return {"GRANIAN_SSL_CERTIFICATE": str(self.chain), "GRANIAN_SSL_KEYFILE": str(self.key)}


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_TOLERANCE)
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
