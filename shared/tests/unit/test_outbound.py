"""Addresses that somebody else gave: what is asked for, what is never, and how an answer can go wrong."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kit import outbound
from kit.outbound import Answer, OutboundError, checked, get, is_public

PUBLIC = ("1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "192.0.1.1", "2606:4700::1111", "2a01:e0a::1")
NOT_PUBLIC = (
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "100::1", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd12:3456::1", "ff02::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1",
    "fec0::1",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [
    "http://example.org/a.ics", "ftp://example.org/a", "file:///etc/passwd", "https://", "https:///a", "example.org/a",
    "https://me:secret@example.org/a", "https://me@example.org/a", "https://example.org:8443/a", "https://example.org:0/",
    "https://example.org:99999/a", "https://[::1/a", "https://exa mple.org/a", "https://example.org/\x00", "",
    "gopher://example.org/", "javascript:alert(1)", "https://example.org/" + "a" * outbound.LONGEST,
])  # fmt: skip
def test_what_is_not_asked_for(address: str) -> None:
    with pytest.raises(OutboundError, match="address_refused"):
        checked(address)


@pytest.mark.parametrize(("address", "host"), [
    ("https://calendar.example.org/private-x/basic.ics", "calendar.example.org"),
    ("webcal://p01.example.org/published/2/MTIz", "p01.example.org"),
    ("https://example.org:443/a?b=c#d", "example.org"),
    (" https://agenda-santé.example.org/x ", "agenda-santé.example.org"),
])  # fmt: skip
def test_what_is_asked_for(address: str, host: str) -> None:
    url = checked(address)
    assert (url.scheme, url.host) == ("https", host)


Serve = Callable[[bytes, bytes], bytes]
"""Path and whole head of a request -> the answer, byte for byte."""


@asynccontextmanager
async def server(serve: Serve, **options: Any) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        answer = serve(head.split()[1], head)
        writer.write(answer)
        await writer.drain()
        if not answer:
            await asyncio.sleep(10)
        writer.close()

    running = await asyncio.start_server(handle, "127.0.0.1", 0, **options)
    try:
        yield f"127.0.0.1:{running.sockets[0].getsockname()[1]}"
    finally:
        running.close()


def says(status: int, body: bytes = b"", **headers: str) -> bytes:
    named = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"HTTP/1.1 {status} x", *(f"{name}: {value}" for name, value in named.items()), "", ""]
    return "\r\n".join(lines).encode() + body


async def ask(address: str, *, local: bool = True, seconds: float = 5, max_bytes: int = 1000) -> Answer:
    return await get(address, headers={"If-None-Match": '"7"'}, max_bytes=max_bytes, seconds=seconds, local=local)


async def refused(address: str, **how: Any) -> str:
    with pytest.raises(OutboundError) as caught:
        await ask(address, **how)
    assert address not in str(caught.value)
    return caught.value.code


async def test_what_is_sent_and_what_comes_back() -> None:
    heads: list[bytes] = []

    def serve(path: bytes, head: bytes) -> bytes:
        heads.append(head)
        return says(200, b"content", ETag='"8"')

    async with server(serve) as at:
        answer = await ask(f"http://{at}/a/b.ics?key=x#part")
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"content", '"8"')
    assert heads[0].startswith(b"GET /a/b.ics?key=x HTTP/1.1\r\n")
    assert b'If-None-Match: "7"' in heads[0]
    assert f"Host: {at}".encode() in heads[0]


@pytest.mark.parametrize(
    ("answers", "how", "code"),
    [
        (says(200, b"x" * 1001), {}, "too_large"),
        (b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"3e9\r\n" + b"x" * 1001, {}, "too_large"),
        (says(200, b"x", Content_Encoding="gzip"), {}, "answer_unreadable"),
        (b"220 smtp.example.org\r\n", {}, "answer_unreadable"),
        (b"", {"seconds": 0.3}, "timeout"),
        (says(302, Location="/again"), {}, "redirects"),
        (says(302), {}, "redirects"),
        (says(302, Location="file:///etc/passwd"), {}, "address_refused"),
        (says(302, Location="https://me:secret@example.org/"), {}, "address_refused"),
    ],
)
async def test_answers_that_are_not_read(answers: bytes, how: dict[str, Any], code: str) -> None:
    async with server(lambda path, head: answers) as at:
        assert await refused(f"http://{at}/x", **how) == code


@pytest.mark.parametrize("status", [304, 403, 404, 410, 500])
async def test_any_status_is_an_answer_without_its_body(status: int) -> None:
    async with server(lambda path, head: says(status, b"" if status == 304 else b"secret page")) as at:
        assert (await ask(f"http://{at}/x")).status == status


async def test_a_redirect_is_followed_when_it_may_be_asked_for() -> None:
    def serve(path: bytes, head: bytes) -> bytes:
        return says(200, b"there") if path == b"/x" else says(302, Location="/x")

    async with server(serve) as at:
        assert (await ask(f"http://{at}/")).body == b"there"


def pretend(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[list[str]]]) -> None:
    """Look-ups answer these addresses, one list after the other."""

    async def look_up(host: str, port: int) -> list[str]:
        return names[host].pop(0)

    monkeypatch.setattr(outbound, "look_up", look_up)


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:169.254.169.254"], ["fe80::1%2"]])
async def test_a_name_that_leads_inside_is_never_connected_to(
    monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    pretend(monkeypatch, {"inside.example.org": [found]})
    assert await refused("https://inside.example.org/x", local=False) == "address_refused"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::1]", "0"])
async def test_other_spellings_of_this_machine(host: str) -> None:
    assert await refused(f"https://{host}/x", local=False) in ("address_refused", "name_unknown")


async def test_it_connects_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that would lead elsewhere at a second look-up is looked up once, and is still the host that is asked."""
    heads: list[bytes] = []

    def serve(path: bytes, head: bytes) -> bytes:
        heads.append(head)
        return says(200, b"x")

    async with server(serve) as at:
        port = at.split(":")[1]
        pretend(monkeypatch, {"calendar.example.org": [["127.0.0.1"], ["10.0.0.1"]]})
        assert (await ask(f"http://calendar.example.org:{port}/x")).status == 200
    assert f"Host: calendar.example.org:{port}".encode() in heads[0]


async def test_a_redirect_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    hops = [
        Answer(302, {"location": "https://inside.example.org/"}, b""),
    ]
    once = outbound._ask_once

    async def first_hop(url: Any, *args: Any, **named: Any) -> Answer:
        return hops.pop() if hops else await once(url, *args, **named)

    monkeypatch.setattr(outbound, "_ask_once", first_hop)
    pretend(monkeypatch, {"inside.example.org": [["192.168.0.10"]]})
    assert await refused("https://outside.example.org/", local=False) == "address_refused"


async def test_nobody_there() -> None:
    async with server(lambda path, head: b"") as at:
        pass
    assert await refused(f"http://{at}/") == "unreachable"
    assert await refused("https://no-such-name.invalid/", local=False) == "name_unknown"


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    async with server(lambda path, head: says(200), ssl=context) as at:
        assert await refused(f"https://{at}/") == "certificate"


def self_signed(folder: Path) -> Path:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example.org")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
