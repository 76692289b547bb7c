"""Reads an address that somebody else gave, or posts to it, without being their way into our own network (SSRF).

Only https on its usual port, no name and password in the address. The name is looked up once, every address that it
has must be a public one, and the connection goes to an address that was looked at: a second look-up with another answer
(DNS rebinding) has no chance. The certificate is that of the name. A redirect is a new address and passes the same.
The whole takes a bounded time and reads a bounded number of bytes.

Errors carry a code and never the address, which may be a secret.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import Any, Literal, TypeAlias

import httpcore
import httpx

Refusal: TypeAlias = Literal[
    "address_refused", "name_unknown", "unreachable", "certificate", "timeout", "redirects", "too_large",
    "answer_unreadable",
]  # fmt: skip

LONGEST = 2000
"""Characters of an address."""
REDIRECTS = 3
_HOST = re.compile(rb"[A-Za-z0-9._:-]+")
_MOVED = frozenset({301, 302, 303, 307, 308})

# IANA special-purpose registries (RFC 6890 and later), by hand: `ipaddress.is_global` differs between Python versions.
_NOT_PUBLIC_4 = tuple(
    IPv4Network(it)
    for it in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
# Outside global unicast nothing is public: loopback, link-local, unique local, multicast, mapped IPv4, NAT64.
_GLOBAL_6 = IPv6Network("2000::/3")
# Inside it: protocol assignments with Teredo, documentation, 6to4 (which names an IPv4 address), documentation again.
_NOT_PUBLIC_6 = tuple(IPv6Network(it) for it in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


class OutboundError(Exception):
    """Nothing was read. `code` says why."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code)
        self.code: Refusal = code


@dataclass(frozen=True)
class Answer:
    """What the other side said. `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_public(address: str) -> bool:
    """Whether an IP address may be a stranger's server."""
    ip = ip_address(address)
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _NOT_PUBLIC_4)
    return ip in _GLOBAL_6 and not any(ip in network for network in _NOT_PUBLIC_6)


def checked(address: str, *, local: bool = False) -> httpx.URL:
    """The address, if it may be asked for at all. `webcal:` is read as https.

    `local`, for tests and a laptop only: also http, any port, any IP address. Raises OutboundError `address_refused`.
    """
    try:
        url = httpx.URL(address.strip())
        if url.scheme == "webcal":
            url = url.copy_with(scheme="https")
        named, port = bool(_HOST.fullmatch(url.raw_host)) and not url.userinfo, url.port
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise OutboundError("address_refused") from None
    usual = url.scheme == "https" and port in (None, 443)
    if not named or len(address) > LONGEST or not (usual or (local and url.scheme in ("http", "https"))):
        raise OutboundError("address_refused")
    return url


async def get(
    address: str, *, headers: Mapping[str, str], max_bytes: int, seconds: float, local: bool = False
) -> Answer:
    """One GET, with at most three redirects; any status is an answer. Raises OutboundError."""
    try:
        async with asyncio.timeout(seconds):
            url = checked(address, local=local)
            for _ in range(REDIRECTS + 1):
                answer = await _ask_once(url, headers, max_bytes, local=local)
                if answer.status not in _MOVED:
                    return answer
                url = _next(url, answer, local=local)
            raise OutboundError("redirects")
    except TimeoutError:
        raise OutboundError("timeout") from None


async def post(
    address: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    max_bytes: int,
    seconds: float,
    local: bool = False,
) -> Answer:
    """One POST; any status is an answer, with the first `max_bytes` of its body. Raises OutboundError.

    A redirect is an answer like another: what is posted goes to the address that was given and nowhere else.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _ask_once(checked(address, local=local), headers, max_bytes, local=local, body=body)
    except TimeoutError:
        raise OutboundError("timeout") from None


def _next(url: httpx.URL, answer: Answer, *, local: bool) -> httpx.URL:
    target = answer.headers.get("location")
    if not target:
        raise OutboundError("redirects")
    try:
        return checked(str(url.join(target)), local=local)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise OutboundError("address_refused") from None


async def _ask_once(
    url: httpx.URL, headers: Mapping[str, str], max_bytes: int, *, local: bool, body: bytes | None = None
) -> Answer:
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    sent = {"Accept-Encoding": "identity", "Connection": "close", **headers}
    pool = httpcore.AsyncConnectionPool(
        ssl_context=ssl.create_default_context(), network_backend=_Guarded(local), max_connections=1
    )
    try:
        method = "GET" if body is None else "POST"
        async with pool, pool.stream(method, target, headers=list(sent.items()), content=body) as answer:
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            if body is not None:
                return Answer(answer.status, found, await _beginning(answer.aiter_stream(), max_bytes))
            # Packed content could unfold to any size; who was asked for plain content and packs it is not read.
            if answer.status == 200 and found.get("content-encoding", "identity").lower() != "identity":
                raise OutboundError("answer_unreadable")
            content = await _read(answer.aiter_stream(), max_bytes) if answer.status == 200 else b""
            return Answer(answer.status, found, content)
    except httpcore.ConnectError as error:
        known = isinstance(error.__cause__ or error.__context__, ssl.SSLError)
        raise OutboundError("certificate" if known else "unreachable") from None
    except httpcore.TimeoutException:
        raise OutboundError("timeout") from None
    except httpcore.NetworkError:
        raise OutboundError("unreachable") from None
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
        raise OutboundError("answer_unreadable") from None


async def _read(chunks: AsyncIterator[bytes], max_bytes: int) -> bytes:
    found = bytearray()
    async for chunk in chunks:
        found += chunk
        if len(found) > max_bytes:
            raise OutboundError("too_large")
    return bytes(found)


async def _beginning(chunks: AsyncIterator[bytes], max_bytes: int) -> bytes:
    """As much as is wanted; the rest is not waited for."""
    found = bytearray()
    async for chunk in chunks:
        found += chunk
        if len(found) >= max_bytes:
            break
    return bytes(found[:max_bytes])


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only, and to none that was not looked at."""

    def __init__(self, local: bool) -> None:
        self._local, self._plain = local, httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await look_up(host, port)
        if not self._local and not all(is_public(it) for it in found):
            raise OutboundError("address_refused")
        for number, address in enumerate(found, 1):
            try:
                return await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                if number == len(found):
                    raise
        raise OutboundError("name_unknown")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def look_up(host: str, port: int) -> list[str]:
    """The IP addresses of a name, each once. Raises OutboundError `name_unknown`."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OutboundError("name_unknown") from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
