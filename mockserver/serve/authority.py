"""Turn a folder into a certificate authority that stays the same, and host names into a certificate signed by it."""

import datetime
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

KEY_FILE = "ca-key.pem"
VALID = datetime.timedelta(days=397)  # Apple's systems refuse a certificate of more than 825 days
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


class AuthorityError(Exception):
    """The folder cannot hold an authority, or a name cannot be certified; the text says why."""


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority that is kept in a folder."""

    signer: trustme.CA

    @classmethod
    def keep(cls, public: Path) -> "Authority":
        """Return the authority whose certificate is in this file, for clients to trust; raises AuthorityError.

        It is made on first use and never replaced. Beside it `ca-key.pem` holds its private key and its certificate.
        """
        folder, secret = public.parent, public.with_name(KEY_FILE)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            orphan = public.exists()
            if not secret.exists():
                if orphan:
                    raise AuthorityError(
                        f"{public} has no {KEY_FILE} beside it: bring that back, or remove {public.name} "
                        "for a new authority, which clients will have to trust anew"
                    )
                _create(secret)
            signer = _read(secret)
            pem = signer.cert_pem.bytes()
            if not public.exists():
                _publish(public, pem)
            elif public.read_bytes() != pem:
                raise AuthorityError(f"{public} is not the certificate in {secret}: remove the one that is wrong")
        except OSError as error:
            raise AuthorityError(
                f"cannot keep an authority in {folder}: {error.strerror or error}; choose a folder with --tls-dir"
            ) from error
        return cls(signer)

    def certify(self, names: Collection[str]) -> bytes:
        """Return a fresh key and certificate, as PEM, of this machine and these names; raises AuthorityError."""
        now = _now()
        try:
            leaf = self.signer.issue_cert(
                *dict.fromkeys((*LOCAL_NAMES, *names)),
                organization_name="apidouble",
                not_before=now - datetime.timedelta(days=1),
                not_after=now + VALID,
            )
        except ValueError as error:
            raise AuthorityError(f"no certificate for {', '.join(names)}: {error}") from error
        return leaf.private_key_and_cert_chain_pem.bytes()


def _create(secret: Path) -> None:
    """Write a new key at once or not at all, so that two servers that start together keep one of two keys."""
    new = trustme.CA(organization_name="apidouble", organization_unit_name="Test authority of this user alone")
    with tempfile.TemporaryDirectory(dir=secret.parent) as folder:
        draft = Path(folder, KEY_FILE)
        draft.touch(mode=0o600)
        draft.write_bytes(new.private_key_pem.bytes() + new.cert_pem.bytes())
        try:
            secret.hardlink_to(draft)
        except FileExistsError:
            return


def _read(secret: Path) -> trustme.CA:
    held = secret.read_bytes()
    try:
        certificate, key = x509.load_pem_x509_certificate(held), load_pem_private_key(held, None)
    except (ValueError, TypeError) as error:
        raise AuthorityError(f"{secret} is not a private key and its certificate: {error}") from error
    if certificate.public_key() != key.public_key():
        raise AuthorityError(f"{secret}: the certificate is not that of the private key")
    if certificate.not_valid_after_utc <= _now():
        raise AuthorityError(
            f"{secret}: the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}; remove it and ca.pem "
            "for a new authority, which clients will have to trust anew"
        )
    return trustme.CA.from_pem(held, held)


def _publish(public: Path, pem: bytes) -> None:
    with tempfile.TemporaryDirectory(dir=public.parent) as folder:
        draft = Path(folder, public.name)
        draft.write_bytes(pem)
        draft.replace(public)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)  # noqa: TID251 (real clients judge certificates by the real time)
