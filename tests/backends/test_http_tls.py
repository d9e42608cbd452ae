"""TLS: who is trusted, and what a failed handshake comes to."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.http import HttpClient
from djhipchat2.states import Outcome
from tests.backends.conftest import Serve
from tests.backends.raw_server import drip, drop, http
from tests.backends.sending import a_message, backend_for, deliver


def test_an_unknown_authority_is_not_trusted(serve: Serve, tls: ssl.SSLContext) -> None:
    server = serve(http(), context=tls)

    result = deliver(server.url)

    assert result.outcome is Outcome.UNAVAILABLE
    assert result.error == (
        "The certificate of 127.0.0.1 is not trusted: unable to get local issuer certificate. "
        "HIPCHAT_CA_BUNDLE names those that are."
    )
    assert server.requests == []


def test_the_option_ca_bundle_names_whom_to_trust(
    serve: Serve, tls: ssl.SSLContext, ca_file: str
) -> None:
    server = serve(http(), context=tls)
    backend = backend_for(server.url, ca_bundle=Path(ca_file))

    results = [backend.deliver(a_message()) for _ in range(3)]
    backend.close()

    assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 3
    assert server.connections == 1


def test_the_setting_names_whom_to_trust(
    serve: Serve, tls: ssl.SSLContext, ca_file: str, settings: object
) -> None:
    settings.HIPCHAT_CA_BUNDLE = ca_file  # type: ignore[attr-defined]

    assert deliver(serve(http(), context=tls).url).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_names_whom_to_trust(
    serve: Serve,
    tls: ssl.SSLContext,
    ca_file: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setenv(name, ca_file)

    assert deliver(serve(http(), context=tls).url).outcome is Outcome.ACCEPTED


def test_a_certificate_for_another_host_is_not_trusted(
    serve: Serve, authority: trustme.CA, ca_file: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hipchat.example.com").configure_cert(context)
    server = serve(http(), context=context)

    result = deliver(server.url, ca_bundle=ca_file)

    assert result.outcome is Outcome.UNAVAILABLE
    assert "certificate is not valid for '127.0.0.1'" in result.error
    assert server.requests == []


def test_a_folder_may_hold_the_certificates(
    serve: Serve, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    result = deliver(serve(http(), context=tls).url, ca_bundle=tmp_path)

    assert "unable to get local issuer certificate" in result.error


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file or directory"),
        ("no certificate", "[X509: NO_CERTIFICATE_OR_CRL_FOUND]"),
    ],
)
def test_a_file_without_certificates_is_a_wrong_setting(
    tmp_path: Path, content: str | None, words: str
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ImproperlyConfigured) as caught:
        HttpClient().post("https://127.0.0.1:1", timeout=1, ca_bundle=str(path), data={})

    text = str(caught.value)
    assert text.startswith(f"HIPCHAT_CA_BUNDLE '{path}' cannot be read ({words}")
    assert text.endswith("; name a file of certificates.")


def test_certificates_do_not_matter_without_tls(serve: Serve, tmp_path: Path) -> None:
    result = deliver(serve(http()).url, ca_bundle=str(tmp_path / "none.pem"))

    assert result.outcome is Outcome.ACCEPTED


def test_a_server_without_tls_has_certainly_not_got_the_message(serve: Serve) -> None:
    server = serve(http("400 Bad Request"), at_once=True)

    result = deliver(server.url.replace("http:", "https:"))

    assert result.outcome is Outcome.UNAVAILABLE
    assert result.error.startswith(f"No connection to {server.url.partition('//')[2]}: ")
    assert "[SSL" in result.error


def test_a_handshake_that_takes_too_long_has_certainly_not_sent_the_message(serve: Serve) -> None:
    # The head of a record of 16 KiB, and then a byte at a time.
    server = serve(drip(b"\x16\x03\x03\x40\x00", b"\x02"), at_once=True)

    result = deliver(server.url.replace("http:", "https:"), timeout=0.4)

    assert result.outcome is Outcome.UNAVAILABLE
    assert "TimeoutError" in result.error


def test_a_connection_dropped_after_the_handshake_may_have_sent_the_message(
    serve: Serve, tls: ssl.SSLContext, ca_file: str
) -> None:
    result = deliver(serve(drop, context=tls).url, ca_bundle=ca_file)

    assert result.outcome is Outcome.UNKNOWN
