"""The patient's appointment sheet: what it says, to whom it says who, and where a name never goes."""

from html import unescape
from io import BytesIO
from typing import Any

import pytest
from dispatch_stage import DOCTOR, ELSEWHERE, OTHER_DOCTOR, Dispatch, a_call
from pypdf import PdfReader

NAME, PHONE = "Quastrelle Ninoune", "+33199005678"
CONTACT = {"contact": {"name": NAME, "phone": PHONE}}


async def a_booking(dispatch: Dispatch, patient: Any = CONTACT, **slot: Any) -> Any:
    await dispatch.slot(4, **slot)
    modes = {"modes": [slot.get("mode", "AMB")]}
    body = a_call(mode="book", patient=patient, constraints=modes)
    call = await dispatch.made("/calls", body, organisation="CHIRC")
    return call["booking"]


async def sheet(dispatch: Dispatch, booking: Any, *, role: str = "operator", form: str = "html", **claims: Any) -> Any:
    http = await dispatch.client(role, **claims)
    answer = await http.get(f"/v1/bookings/{booking['id']}/bulletin", params={"format": form})
    assert answer.status_code == 200, answer.text
    return answer


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


@pytest.mark.parametrize("form", ["pdf", "html"])
async def test_the_sheet_says_where_when_who_and_what_if(dispatch: Dispatch, form: str) -> None:
    answer = await sheet(dispatch, await a_booking(dispatch), form=form)
    text = text_of(answer.content) if form == "pdf" else answer.text.replace("&#39;", "'")
    for said in (
        NAME,
        "mardi 24 novembre 2026 à 13 h 00 (fuseau Europe/Paris, UTC+01:00)",
        "Nolwenn VALZEMERIC, Redon",
        "CHIRC",
        "CPTS Pays de Redon",
        "carte Vitale",
        "Si votre état s'aggrave",
        "Appelez le 15 ou le 112",
    ):
        assert said in text, said
    assert PHONE not in text


async def test_a_pdf_has_its_title_its_language_and_its_font(dispatch: Dispatch) -> None:
    booking = await a_booking(dispatch)
    answer = await sheet(dispatch, booking, form="pdf")
    short = booking["id"][-8:]
    document = PdfReader(BytesIO(answer.content))
    assert document.metadata is not None
    assert document.metadata.title == f"Bulletin de réorientation {short}"
    root: Any = document.trailer["/Root"]
    assert root["/Lang"] == "fr-FR"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="bulletin-{short}.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    # The same sheet is the same file.
    assert (await sheet(dispatch, booking, form="pdf")).content == answer.content


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/pdf"),
        ("application/pdf", "application/pdf"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/pdf, text/html", "application/pdf"),
        ("image/png", "application/pdf"),
    ],
)
async def test_the_form_is_negotiated(dispatch: Dispatch, accept: str, kind: str) -> None:
    booking = await a_booking(dispatch)
    http = await dispatch.client("operator")
    answer = await http.get(f"/v1/bookings/{booking['id']}/bulletin", headers={"Accept": accept})
    assert answer.headers["content-type"] == kind


async def test_html_is_accessible_and_fetches_nothing(dispatch: Dispatch) -> None:
    answer = await sheet(dispatch, await a_booking(dispatch))
    assert '<html lang="fr">' in answer.text
    assert "<title>Bulletin de réorientation " in answer.text
    assert not any(word in answer.text for word in ("http:", "https:", "<script", "<img"))
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("form", ["pdf", "html"])
async def test_a_name_is_text_and_nothing_else(dispatch: Dispatch, form: str) -> None:
    name = '<b>Zo&é</b> <script>alert("x")</script> <para>'
    booking = await a_booking(dispatch, {"contact": {"name": name, "phone": None}})
    answer = await sheet(dispatch, booking, form=form)
    if form == "pdf":
        assert name in text_of(answer.content)
    else:
        assert "<script" not in answer.text
        assert name in unescape(answer.text)
        assert "&lt;b&gt;Zo&amp;é&lt;/b&gt;" in answer.text


@pytest.mark.parametrize(
    ("role", "claims", "ground"),
    [
        ("operator", {}, "operator"),
        ("ed", {"organisation": "CHIRC", "sub": "a colleague"}, "caller_organisation"),
        ("practitioner", {"rpps": DOCTOR}, "practitioner"),
        ("ed", {"organisation": "another hospital", "sub": "stranger"}, None),
        ("coordinator", {}, None),
    ],
)
@pytest.mark.parametrize("form", ["pdf", "html"])
async def test_the_name_is_there_for_whom_may_read_it_and_that_is_written_down(
    dispatch: Dispatch, role: str, claims: dict[str, str], ground: str | None, form: str
) -> None:
    booking = await a_booking(dispatch)
    answer = await sheet(dispatch, booking, role=role, form=form, **claims)
    text = text_of(answer.content) if form == "pdf" else answer.text
    assert (NAME in text) is (ground is not None)
    assert ("Nom à écrire à la main" in text) is (ground is None)
    audit = await dispatch.rows("SELECT ground, call_id::text FROM contact_read")
    assert [(it["ground"], it["call_id"]) for it in audit] == ([(ground, booking["call_id"])] if ground else [])
    assert NAME not in str(answer.headers)
    assert NAME not in str(answer.url)


async def test_a_contact_that_is_gone_leaves_a_blank(dispatch: Dispatch) -> None:
    booking = await a_booking(dispatch, {})
    assert "Nom à écrire à la main" in (await sheet(dispatch, booking)).text
    assert await dispatch.rows("SELECT * FROM contact_read") == []


async def test_another_practitioner_is_refused(dispatch: Dispatch) -> None:
    booking = await a_booking(dispatch)
    http = await dispatch.client("practitioner", rpps=OTHER_DOCTOR)
    answer = await http.get(f"/v1/bookings/{booking['id']}/bulletin")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_booking")
    assert await dispatch.rows("SELECT * FROM contact_read") == []


async def test_another_territory_does_not_see_it(dispatch: Dispatch) -> None:
    booking = await a_booking(dispatch)
    answer = await (await dispatch.client("operator", territory=ELSEWHERE)).get(
        f"/v1/bookings/{booking['id']}/bulletin"
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "booking_not_found")


async def test_no_sheet_for_a_visit_that_is_off(dispatch: Dispatch) -> None:
    booking = await a_booking(dispatch)
    await dispatch.made(f"/bookings/{booking['id']}/cancel", {"reason": "recovered", "by": "patient"}, status=200)
    answer = await (await dispatch.client("operator")).get(f"/v1/bookings/{booking['id']}/bulletin")
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_not_active")
    assert await dispatch.rows("SELECT * FROM contact_read") == []


@pytest.mark.parametrize(("mode", "said"), [("HH", "À votre domicile"), ("VR", "À distance (vidéo)")])
async def test_a_visit_elsewhere_than_at_the_practice(dispatch: Dispatch, mode: str, said: str) -> None:
    booking = await a_booking(dispatch, mode=mode)
    assert said in (await sheet(dispatch, booking)).text


async def test_complaint_23_the_hour_is_that_of_the_place_and_its_zone_is_printed(dispatch: Dispatch) -> None:
    """Confirmations came in someone else's time zone, with no zone printed (thunderbird/appointment#316, #542)."""
    booking = await a_booking(dispatch)
    await dispatch.rows("UPDATE booking SET commune = '97411' WHERE id = $1", booking["id"])
    text = (await sheet(dispatch, booking)).text
    assert "mardi 24 novembre 2026 à 16 h 00 (fuseau Indian/Reunion, UTC+04:00)" in text
