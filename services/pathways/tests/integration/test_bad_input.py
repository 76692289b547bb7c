"""What makes no sense is refused by name, and nothing of it is kept. Notes, alarms, surveys, stays: see their tests."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from activities import EPU, SCOPES, SURVEY
from changed_files import change, copied
from enrolling import Care, started

from kit.territories import BadFileError
from kit.testing.harness import Issuer
from pathways.settings import PathwaysSettings

FILE = "territories/pays-de-redon/pathways/lung-cancer.yaml"
FIRST = "    to_days: 3\n"
"""The window of its first step."""
SECOND = "    proof: [document, declaration]\n    document: pps\n"
"""The end of its second step."""
PDF = b"%PDF-1.4 photographie"


@pytest.fixture
def deployment(settings: PathwaysSettings, deploy_dir: Path, tmp_path: Path) -> tuple[PathwaysSettings, Path]:
    return copied(settings, deploy_dir, tmp_path / "deploy")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (
            {FIRST: "    to_days: 3\n    after: pps-shared\n", SECOND: f"{SECOND}    after: care-team\n"},
            r"lung-cancer\.yaml: .*go in a circle: ",
        ),
        (
            {FIRST: "    from_days: 9\n    to_days: 3\n"},
            r"lung-cancer\.yaml: .*\(care-team\).*to_days: before from_days",
        ),
        ({FIRST: "    from_days: -9\n    to_days: -3\n"}, r"\(care-team\).*its window ends before the enrolment"),
    ],
    ids=["circle", "ends before it begins", "before the enrolment"],
)
async def test_a_circular_or_impossible_template_stops_the_start(
    deployment: tuple[PathwaysSettings, Path], issuer: Issuer, changes: dict[str, str], complaint: str
) -> None:
    settings, folder = deployment
    for before, after in changes.items():
        change(folder / FILE, before, after)
    with pytest.raises(BadFileError, match=complaint):
        async with started(settings, issuer):
            pass


async def test_dates_out_of_order_are_refused(care: Care) -> None:
    """An end before its beginning, wherever two days are given; those of stays and steps: see their tests."""
    enrolment = await care.enrolment()
    campaign = {"kind": "colorectal-screening", "title": "Mars bleu", "aimed_at": "50 à 74 ans", "population": 9500}
    ended = {"account": "x", "role": "nurse", "ends_at": "2026-11-22T00:00:00Z"}
    wrong: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("/v1/sessions", {**EPU, "ends_at": EPU["starts_at"]}, "ends_at"),
        ("/v1/surveys", SURVEY | {"opens_on": "2026-12-02", "closes_on": "2026-12-01"}, "closes_on"),
        ("/v1/prevention-campaigns", campaign | {"opens_on": "2026-12-02", "closes_on": "2026-12-01"}, "closes_on"),
        ("/v1/duty-absences", {"rpps": "99000000016", "from_on": "2026-12-02", "until_on": "2026-12-01"}, "until_on"),
        (f"/v1/enrolments/{enrolment['id']}/pause", {"reason": "away", "until_on": "2026-11-23"}, "until_on"),
        (f"/v1/patients/{enrolment['patient_id']}/team", ended, "ends_at"),
    )
    scopes = ("pathways:write", "patients:team", "advice:write", "duties:write", *SCOPES)
    async with care.connect(*scopes, sub="nurse-1", role="care") as http:
        for path, body, field in wrong:
            answer = await http.post(path, json=body, headers={"Idempotency-Key": path})
            assert answer.status_code == 422, (path, answer.text)
            assert [it["field"] for it in answer.json()["errors"]] == [field], answer.text
    for table in ("session", "survey", "prevention_campaign", "duty_absence", "pause"):
        assert await care.count(table) == 0


async def attached(care: Care, path: str, name: str, content: bytes) -> httpx.Response:
    return await care.http.post(path, files={"file": (name, content)}, headers={"Idempotency-Key": str(uuid4())})


async def test_an_oversized_or_disguised_attachment_is_refused_and_nothing_is_kept(care: Care) -> None:
    """Of an exchange; of a note and of a session: see their tests."""
    thread = await care.made("/v1/threads", {"subject": "Plaie", "participants": [{"rpps": "99000000093"}]})
    message = await care.made(f"/v1/threads/{thread['id']}/messages", {"text": "Voir la photographie"})
    path = f"/v1/threads/{thread['id']}/messages/{message['id']}/files"
    disguised = [await attached(care, path, name, PDF) for name in ("plaie.png", "plaie.docx", "plaie.exe")]
    large = await attached(care, path, "plaie.pdf", PDF + b"x" * 10_000_001)
    assert [(it.status_code, it.json()["code"]) for it in disguised] == [(422, "file_type_refused")] * 3
    assert (large.status_code, large.json()["code"]) == (413, "file_too_large")
    assert await care.count("thread_file") == 0
    assert not [it for it in care.runtime.settings.blob_dir.rglob("*") if it.is_file()]
    assert (await attached(care, path, "plaie.pdf", PDF)).status_code == 201
