"""Each destination with a real server: it arrives, a repeat changes nothing, a refusal has a code."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import asyncssh
import boto3
import httpx
import pytest
from aiosmtpd.smtp import SMTP
from moto.server import ThreadedMotoServer
from pydantic import TypeAdapter
from standardwebhooks.webhooks import Webhook

from indicators.destinations import DeliveryError, Means, Parcel, ParcelFile, Smtp, deliver
from indicators.domain.exports import Destination
from kit.standard_webhooks import secret_of

DESTINATION: TypeAdapter[Any] = TypeAdapter(Destination)
SECRET = secret_of(b"7" * 32)
FOLDER = "2027-01-10_pays-de-redon_cpam"


def parcel_file(name: str, content: bytes) -> ParcelFile:
    return ParcelFile(name, "text/csv", hashlib.sha256(content).hexdigest(), content)


PARCEL = Parcel(
    key="0193b1f0-0000-7000-8000-000000000001",
    folder=FOLDER,
    told={"territory": "pays-de-redon", "recipient": "CPAM", "what": "quarterly_dashboard", "period": "2026-Q4"},
    files=(parcel_file("a.csv", b"1;2"), parcel_file("b.csv", b"3")),
)


@pytest.fixture
def means(tmp_path: Path) -> Means:
    secrets = {"SFTP_PASSWORD": "right", "KEY": "test", "SECRET": SECRET, "TO": "exports@example.org"}
    smtp = Smtp("127.0.0.1", 1, "none", None, None, "CPTS <cpts@example.org>")
    link = "http://gateway/v1/export-runs/0193b1f0-0000-7000-8000-000000000001"
    return Means(secrets, tmp_path / "out", link, datetime.now(UTC), smtp, local=True)


async def refusal(destination: dict[str, Any], means: Means, parcel: Parcel = PARCEL) -> DeliveryError:
    with pytest.raises(DeliveryError) as refused:
        await deliver(parcel, DESTINATION.validate_python(destination), means)
    return refused.value


async def test_folder(means: Means) -> None:
    to = DESTINATION.validate_python({"kind": "folder", "path": "cpam"})
    receipt = await deliver(PARCEL, to, means)
    folder = means.root / "cpam" / FOLDER
    assert sorted(it.name for it in folder.iterdir()) == ["a.csv", "b.csv", "manifest.json"]
    assert receipt.endswith(hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest())
    (folder / "a.csv").write_bytes(b"taken and changed by its reader")
    assert await deliver(PARCEL, to, means) == receipt
    assert (folder / "a.csv").read_bytes() == b"taken and changed by its reader", "a repeat writes nothing"


class Login(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("cpts", "right")


@pytest.fixture
async def sftp(tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    root, key = tmp_path / "sftp", asyncssh.generate_private_key("ssh-ed25519")
    root.mkdir()

    def rooted(channel: Any) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str(root))

    async with asyncssh.listen(
        "127.0.0.1", 0, server_factory=Login, server_host_keys=[key], sftp_factory=rooted
    ) as server:
        yield {
            "kind": "sftp",
            "host": "127.0.0.1",
            "port": server.get_port(),
            "user": "cpts",
            "path": "in/cpam",
            "host_key": key.export_public_key().decode().strip(),
            "password_env": "SFTP_PASSWORD",
        }


async def test_sftp(sftp: dict[str, Any], means: Means, tmp_path: Path) -> None:
    to, folder = DESTINATION.validate_python(sftp), tmp_path / "sftp" / "in" / "cpam" / FOLDER
    receipt = await deliver(PARCEL, to, means)
    assert sorted(it.name for it in folder.iterdir()) == ["a.csv", "b.csv", "manifest.json"]
    assert [it["sha256"] for it in json.loads((folder / "manifest.json").read_bytes())["files"]] == [
        hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("a.csv", "b.csv")
    ]
    (folder / "a.csv").unlink()
    assert await deliver(PARCEL, to, means) == receipt
    assert not (folder / "a.csv").exists(), "a repeat writes nothing"
    (folder / "manifest.json").unlink()
    await deliver(PARCEL, to, means)
    assert (folder / "a.csv").read_bytes() == b"1;2", "one that was cut off is made whole"


async def test_sftp_refusals_have_codes(sftp: dict[str, Any], means: Means) -> None:
    wrong = replace(means, environment={"SFTP_PASSWORD": "wrong"})
    assert (await refusal(sftp, wrong)).code == "login_refused"
    assert (await refusal(sftp, replace(means, environment={}))).code == "secret_missing"
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    assert (await refusal(sftp | {"host_key": other}, means)).code == "host_key_unknown"
    assert (await refusal(sftp | {"port": 1}, means)).code == "unreachable"


@pytest.fixture
def store() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    httpx.put(f"{url}/exports").raise_for_status()
    yield url
    server.stop()


async def test_s3(store: str, means: Means) -> None:
    told = {"kind": "s3", "endpoint": store, "region": "us-east-1", "bucket": "exports", "prefix": "cpam"}
    told |= {"access_key_env": "KEY", "secret_key_env": "KEY"}
    to, at = DESTINATION.validate_python(told), f"cpam/{FOLDER}"
    theirs = boto3.client(
        "s3", endpoint_url=store, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )

    def names() -> list[str]:
        return [it["Key"].rpartition("/")[2] for it in theirs.list_objects_v2(Bucket="exports")["Contents"]]

    receipt = await deliver(PARCEL, to, means)
    assert names() == ["a.csv", "b.csv", "manifest.json"]
    got = theirs.get_object(Bucket="exports", Key=f"{at}/a.csv")
    assert (got["Body"].read(), got["ContentType"]) == (b"1;2", "text/csv")
    theirs.delete_object(Bucket="exports", Key=f"{at}/a.csv")
    assert await deliver(PARCEL, to, means) == receipt
    assert names() == ["b.csv", "manifest.json"], "a repeat writes nothing"
    assert (await refusal(told | {"endpoint": "http://127.0.0.1:1"}, means)).code == "unreachable"
    assert (await refusal(told | {"bucket": "not-there"}, means)).code == "unreachable"


Answering = Callable[[bytes, bytes], Awaitable[int]]


@asynccontextmanager
async def receiver(answers: list[int]) -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A server that keeps what is posted and answers these statuses in turn."""
    seen: list[tuple[dict[str, str], bytes]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, _, value in (it.partition(": ") for it in head)}
        seen.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(f"HTTP/1.1 {answers.pop(0)} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in", seen


async def test_webhook_is_signed_and_names_files_without_a_figure(means: Means) -> None:
    told = {"kind": "webhook", "url_env": "URL", "secret_env": "SECRET"}
    async with receiver([204, 202, 503, 403]) as (url, seen):
        given = replace(means, environment={"URL": url, "SECRET": SECRET})
        to = DESTINATION.validate_python(told)
        assert await deliver(PARCEL, to, given) == "HTTP 204"
        assert await deliver(PARCEL, to, given) == "HTTP 202"
        later, never = await refusal(told, given), await refusal(told, given)
    assert [(later.code, later.final), (never.code, never.final)] == [("http_503", False), ("http_403", True)]
    headers, body = seen[0]
    Webhook(SECRET).verify(body, headers)
    assert {it["webhook-id"] for it, _ in seen} == {PARCEL.key}, "who gets it twice knows it by its id"
    files = json.loads(body)["data"]["files"]
    assert [it["url"] for it in files] == [f"{means.link}/files/{name}" for name in ("a.csv", "b.csv")]
    assert [it["sha256"] for it in files] == [it.sha256 for it in PARCEL.files]


async def test_a_webhook_goes_to_no_address_of_our_own_network(means: Means) -> None:
    async with receiver([204]) as (url, seen):
        given = replace(means, environment={"URL": url, "SECRET": SECRET}, local=False)
        error = await refusal({"kind": "webhook", "url_env": "URL", "secret_env": "SECRET"}, given)
    assert (error.code, error.final, seen) == ("address_refused", True, [])


class Sink:
    """`answers` are given to the next messages; None hangs up instead."""

    def __init__(self, *answers: str | None) -> None:
        self.answers, self.mails = list(answers), list[EmailMessage]()

    async def handle_DATA(self, server: Any, _: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        answer = self.answers.pop(0)
        if answer is None:
            server.transport.abort()
            return ""
        return answer


@asynccontextmanager
async def mailing(means: Means, sink: Sink) -> AsyncIterator[Means]:
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(sink), "127.0.0.1", 0)
    async with server:
        yield replace(means, smtp=replace(means.smtp, port=server.sockets[0].getsockname()[1]))


EMAIL = {"kind": "email", "to_env": "TO"}


async def test_email_has_links_and_no_attachment(means: Means) -> None:
    sink = Sink("250 taken as 17")
    async with mailing(means, sink) as given:
        assert await deliver(PARCEL, DESTINATION.validate_python(EMAIL), given) == "SMTP taken as 17"
    (mail,) = sink.mails
    assert list(mail.iter_attachments()) == []
    assert mail["Subject"] == "Tableau de bord trimestriel 2026-Q4 – pays-de-redon"
    assert mail["Message-Id"] == f"<{PARCEL.key}@example.org>"
    text = mail.get_content()
    assert all(f"{means.link}/files/{name}" in text for name in ("a.csv", "b.csv"))
    assert "1;2" not in text


async def test_what_a_mail_server_refuses_may_be_repeated_and_what_it_left_open_may_not(means: Means) -> None:
    async with mailing(means, Sink("451 later", "550 never", None)) as given:
        later, never, open_end = [await refusal(EMAIL, given) for _ in range(3)]
    assert (later.code, later.final, later.unsure) == ("refused", False, False)
    assert (never.code, never.final, never.unsure) == ("refused", True, False)
    assert (open_end.code, open_end.final, open_end.unsure) == ("unsure", True, True)
    assert (await refusal(EMAIL, means)).code == "unreachable"
    assert (await refusal(EMAIL, replace(means, smtp=replace(means.smtp, host=None)))).code == "no_smtp_server"
