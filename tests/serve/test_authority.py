"""The authority behind --tls: kept across runs, never replaced, and refused where its files do not hold together."""

import datetime
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from cryptography import x509

from apidouble.mockserver.serve.authority import Authority, AuthorityError


def other() -> trustme.CA:
    return trustme.CA()


def lose_key(folder: Path) -> None:
    (folder / "ca-key.pem").unlink()


def lose_certificate(folder: Path) -> None:
    (folder / "ca-key.pem").write_bytes(other().private_key_pem.bytes())


def swap_key(folder: Path) -> None:
    (folder / "ca-key.pem").write_bytes(other().private_key_pem.bytes() + (folder / "ca.pem").read_bytes())


def swap_certificate(folder: Path) -> None:
    (folder / "ca.pem").write_bytes(other().cert_pem.bytes())


def expire(folder: Path) -> None:
    long_ago = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)
    (folder / "ca-key.pem").write_bytes(
        other().issue_cert("old.test", not_after=long_ago).private_key_and_cert_chain_pem.bytes()
    )


def block(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("a file")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def test_authority_is_made_once_and_for_its_user_alone(tmp_path: Path) -> None:
    """The second run finds the first one's authority; only its certificate is for others to read."""
    folder = tmp_path / "new" / "tls"
    Authority.keep(folder / "ca.pem")
    first = contents(folder)

    Authority.keep(folder / "ca.pem")

    assert contents(folder) == first
    assert first.keys() == {"ca.pem", "ca-key.pem"}
    assert b"PRIVATE" in first["ca-key.pem"] and b"PRIVATE" not in first["ca.pem"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "ca-key.pem").stat().st_mode & 0o777 == 0o600


def test_lost_certificate_comes_back(tmp_path: Path) -> None:
    """The public file can be made from the secret one at any time."""
    Authority.keep(tmp_path / "ca.pem")
    first = contents(tmp_path)
    (tmp_path / "ca.pem").unlink()

    Authority.keep(tmp_path / "ca.pem")

    assert contents(tmp_path) == first


def test_authority_made_by_another_run_meanwhile_is_the_one_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two runs that both find no authority, the later takes the earlier one's."""
    real = trustme.CA.__init__
    meanwhile: list[bytes] = []

    def init(self: trustme.CA, *arguments: object, **words: object) -> None:
        monkeypatch.setattr(trustme.CA, "__init__", real)
        Authority.keep(tmp_path / "ca.pem")
        meanwhile.append((tmp_path / "ca-key.pem").read_bytes())
        real(self, *arguments, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(trustme.CA, "__init__", init)
    Authority.keep(tmp_path / "ca.pem")

    assert (tmp_path / "ca-key.pem").read_bytes() == meanwhile[0]
    assert contents(tmp_path).keys() == {"ca.pem", "ca-key.pem"}


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lose_key, "bring that back"),
        (lose_certificate, "not a private key and its certificate"),
        (swap_key, "not that of the private key"),
        (swap_certificate, "is not the certificate in"),
        (expire, "expired on 2001-01-01"),
        (block, "cannot keep an authority"),
    ],
)
def test_files_that_do_not_hold_together_are_refused_and_left_as_they_are(
    tmp_path: Path, break_it: Callable[[Path], None], said: str
) -> None:
    """What clients trust is never replaced behind their backs: the message says what to do."""
    folder = tmp_path / "tls"
    Authority.keep(folder / "ca.pem")
    break_it(folder)
    before = contents(folder)

    with pytest.raises(AuthorityError, match=said):
        Authority.keep(folder / "ca.pem")

    assert contents(folder) == before


def test_certificate_is_signed_for_its_names_and_short_enough_for_every_client(tmp_path: Path) -> None:
    """Clients that trust the authority accept it for each name, and Apple's, which want no more than 825 days."""
    authority = Authority.keep(tmp_path / "ca.pem")

    pem = authority.certify(("qcomment.ru", "10.0.0.7"))

    leaf = x509.load_pem_x509_certificate(pem)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "qcomment.ru"}
    assert {str(a) for a in names.get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "::1", "10.0.0.7"}
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes()))
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < datetime.timedelta(days=825)
    (tmp_path / "server.pem").write_bytes(pem)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "server.pem")


def test_name_that_is_none_is_refused(tmp_path: Path) -> None:
    """A host name that cannot be written in a certificate is said."""
    with pytest.raises(AuthorityError, match=r"sand\.\.box"):
        Authority.keep(tmp_path / "ca.pem").certify(("sand..box",))
