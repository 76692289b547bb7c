"""Parts of the kit that need no server."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import RFC_4122

import pytest
from pydantic import BaseModel

from contracts.registry import BY_NAME, EVENTS, STREAMS
from kit.blobs import FolderBlobs
from kit.context import new_trace
from kit.crypto import Keyring, UndecryptableError
from kit.ids import new_id
from kit.settings import ServiceSettings
from kit.territories import BadFileError, load_yaml, territory_slugs

KEY, OTHER, BLIND = b"k" * 32, b"o" * 32, b"b" * 32


def test_ids_are_version_7_and_sort_by_time() -> None:
    start = datetime(2026, 11, 21, tzinfo=UTC)
    ids = [new_id(start + timedelta(milliseconds=step)) for step in range(100)]
    ids += [new_id(start + timedelta(seconds=1)) for _ in range(1000)]
    assert ids == sorted(set(ids))
    assert {(one.version, one.variant) for one in ids} == {(7, RFC_4122)}
    assert new_id(start) < ids[1], "a clock that was put back is believed"


def test_what_is_encrypted_opens_only_in_its_context() -> None:
    ring = Keyring({"k1": KEY}, BLIND)
    sealed = ring.encrypt("Zélie", b"row 1")
    assert b"lie" not in sealed
    assert ring.decrypt(sealed, b"row 1") == "Zélie"
    with pytest.raises(UndecryptableError):
        ring.decrypt(sealed, b"row 2")


def test_keys_rotate() -> None:
    sealed = Keyring({"k1": KEY}, BLIND).encrypt("x", b"")
    assert Keyring({"k2": OTHER, "k1": KEY}, BLIND).decrypt(sealed, b"") == "x"
    with pytest.raises(UndecryptableError):
        Keyring({"k2": OTHER}, BLIND).decrypt(sealed, b"")


def test_a_blind_index_is_stable_and_keyed() -> None:
    ring = Keyring({"k1": KEY}, BLIND)
    assert ring.blind_index("a") == ring.blind_index("a") != ring.blind_index("b")
    assert ring.blind_index("a") != Keyring({"k1": KEY}, OTHER).blind_index("a")


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 129, "line\nbreak"])
def test_a_request_id_from_outside_is_taken_only_when_sane(given: str | None) -> None:
    trace = new_trace(given)
    assert trace.request_id != given
    assert trace.correlation_id == trace.request_id
    assert new_trace("req-1", "corr-1").correlation_id == "corr-1"


def test_a_setting_of_one_service_goes_before_the_common_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Settings(ServiceSettings):
        service = "snp-dispatch"

    common = {"NATS_URL": "nats://all", "ENCRYPTION_KEYS": "k", "BLIND_INDEX_KEY": "b", "DATABASE_URL": "postgresql://"}
    for name, value in {**common, "SNP_DISPATCH_NATS_URL": "nats://own"}.items():
        monkeypatch.setenv(name, value)
    settings = Settings()  # type: ignore[call-arg]
    assert settings.nats_url.get_secret_value() == "nats://own"
    assert settings.encryption_keys.get_secret_value() == "k"


def test_a_bad_file_is_named_with_its_field(tmp_path: Path) -> None:
    class Model(BaseModel):
        days: int

    path = tmp_path / "rules.yaml"
    path.write_text("days: many")
    with pytest.raises(BadFileError, match=r"rules\.yaml: days: "):
        load_yaml(path, Model)
    with pytest.raises(BadFileError, match="no territory"):
        territory_slugs(tmp_path)


async def test_a_blob_is_whole_or_absent(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)

    async def broken():  # type: ignore[no-untyped-def]
        yield b"half"
        raise RuntimeError("gone")

    async def whole():  # type: ignore[no-untyped-def]
        yield b"one "
        yield b"two"

    with pytest.raises(RuntimeError):
        await blobs.write(broken())
    assert list(tmp_path.iterdir()) == []
    key = await blobs.write(whole())
    assert b"".join([chunk async for chunk in blobs.open(key)]) == b"one two"
    await blobs.delete(key)
    with pytest.raises(FileNotFoundError):
        _ = [chunk async for chunk in blobs.open(key)]


def test_event_names_are_unique_and_owned() -> None:
    assert len(BY_NAME) == len(EVENTS)
    assert {event.owner for event in EVENTS} == set(STREAMS)
    assert all(event.aggregate_id in event.payload.model_fields for event in EVENTS)
