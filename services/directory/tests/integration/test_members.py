"""The association: members in one college each, seats and mandates, today and as it was."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_somebody_joins_in_the_college_of_the_category(desk: Any) -> None:
    member = await desk.joins()
    assert (member["college"], member["kind"], member["fee_paid"], member["version"]) == (1, "adherent", False, 1)
    assert member["name"]
    assert member["profession"]
    named = await desk.joins("users-association", name="Association d'usagers des Trois Rivières")
    assert (named["college"], named["rpps"], named["profession"]) == (4, None, None)
    assert named["name"] == "Association d'usagers des Trois Rivières"
    associate = await desk.joins("local-authority", kind="associate", name="Communauté de communes fictive")
    assert associate["college"] is None


async def test_a_member_in_two_colleges_is_refused(desk: Any) -> None:
    member = await desk.joins()
    again = {"kind": "adherent", "category": "establishment-professional", "joined_on": "2026-03-02"}
    refused = await desk.post("/v1/members", rpps=member["rpps"], **again)
    assert code(refused) == (409, "already_member")
    assert "college 1" in refused.json()["detail"]
    assert refused.json()["member_id"] == member["id"]
    twice = {"name": "Collectif  PATIENTS d'Éxemple", "kind": "adherent", "category": "users-association"}
    assert (await desk.post("/v1/members", joined_on="2026-03-01", **twice)).status_code == 201
    twice |= {"name": "collectif patients d'exemple", "category": "social-structure"}
    assert code(await desk.post("/v1/members", joined_on="2026-03-01", **twice)) == (409, "already_member")


async def test_two_requests_at_once_make_one_member(desk: Any) -> None:
    body = {"kind": "adherent", "joined_on": "2026-03-01", "name": "Association de la course"}
    one, two = await asyncio.gather(
        desk.post("/v1/members", category="users-association", **body),
        desk.post("/v1/members", category="social-structure", **body),
    )
    assert sorted((one.status_code, two.status_code)) == [201, 409]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"category": "astronaut"}, "category_unknown"),
        ({"kind": "associate"}, "kind_not_of_category"),
        ({"college": 2}, "college_not_of_category"),
        ({"joined_on": "2026-03-03"}, "in_the_future"),
        ({"rpps": "99999999999"}, "professional_unknown"),
        ({"name": "both"}, "invalid_input"),
        ({"rpps": None}, "invalid_input"),
    ],
)
async def test_what_does_not_fit_names_the_field(desk: Any, change: dict[str, Any], expected: str) -> None:
    body = {"kind": "adherent", "category": "self-employed", "joined_on": "2026-03-01", "rpps": "99000000093"}
    assert code(await desk.post("/v1/members", **{**body, **change})) == (422, expected)


async def test_who_leaves_loses_the_seats_and_may_come_back(desk: Any) -> None:
    member = await desk.joins()
    assert (await desk.seat(member, "board")).status_code == 201
    assert (await desk.seat(member, "bureau", "treasurer")).status_code == 201
    left = await desk.post(f"/v1/members/{member['id']}/leaving", left_on="2026-03-02", reason="moved")
    assert (left.status_code, left.json()["left_on"]) == (200, "2026-03-02")
    again = await desk.post(f"/v1/members/{member['id']}/leaving", left_on="2026-03-02", reason="moved")
    assert code(again) == (409, "left_already")
    holders = [it["member_id"] for body in (await desk.get("/v1/bodies"))["bodies"] for it in body["holders"]]
    assert member["id"] not in holders
    back = {"kind": "adherent", "category": "self-employed", "rpps": member["rpps"]}
    assert code(await desk.post("/v1/members", joined_on="2026-03-01", **back)) == (409, "overlaps_membership")
    assert (await desk.post("/v1/members", joined_on="2026-03-02", **back)).status_code == 201


async def test_a_president_from_college_2_is_refused(desk: Any) -> None:
    member = await desk.joins("establishment-professional")
    assert (await desk.seat(member, "board")).status_code == 201
    assert code(await desk.seat(member, "bureau", "president")) == (409, "wrong_college")
    other = await desk.joins()
    assert code(await desk.seat(other, "bureau", "president")) == (409, "not_on_board")
    assert (await desk.seat(other, "board")).status_code == 201
    assert (await desk.seat(other, "bureau", "president")).status_code == 201


async def test_a_third_mandate_is_refused_even_under_a_new_membership(desk: Any) -> None:
    member = await desk.joins("users-association", name="Amicale des mandats", joined_on="2026-01-01")
    for number, day in ((1, "2026-01-01"), (2, "2026-02-01")):
        answer = await desk.seat(member, "board", on=day)
        assert (answer.status_code, answer.json()["number"]) == (201, number)
        ended = await desk.post(
            f"/v1/mandates/{answer.json()['id']}/end", ended_on=f"2026-0{number + 1}-01", reason="resignation"
        )
        assert ended.status_code == 200, ended.text
    assert code(await desk.seat(member, "board")) == (409, "mandate_limit")
    await desk.post(f"/v1/members/{member['id']}/leaving", left_on="2026-03-01", reason="other")
    back = await desk.joins("users-association", name="Amicale des mandats", joined_on="2026-03-01")
    assert code(await desk.seat(back, "board")) == (409, "mandate_limit")


async def test_the_last_seat_of_a_college_goes_to_one(desk: Any) -> None:
    people = [await desk.joins("social-structure", name=f"Foyer numéro {number}") for number in range(5)]
    first = [await desk.seat(people[number], "board") for number in (0, 1)]
    assert [it.status_code for it in first] == [201, 201]
    rest = await asyncio.gather(*(desk.seat(people[number], "board") for number in (2, 3, 4)))
    assert sorted(it.status_code for it in rest) == [201, 409, 409]
    assert {it.json()["code"] for it in rest if it.status_code == 409} == {"college_seats_taken"}
    board = next(it for it in (await desk.get("/v1/bodies"))["bodies"] if it["code"] == "board")
    assert [(it["seats"], it["taken"]) for it in board["seats"] if it["college"] == 3] == [(3, 3)]


async def test_mandates_that_end_soon_are_told(desk: Any) -> None:
    member = await desk.joins()
    seat = (await desk.seat(member, "board")).json()
    assert seat["ends_on"] == "2030-03-01"
    for days, soon in ((180, False), (1461, True)):
        bodies = (await desk.get("/v1/bodies", soon_days=days))["bodies"]
        (holder,) = (it for body in bodies for it in body["holders"] if it["mandate_id"] == seat["id"])
        assert holder["ends_soon"] is soon
    changed = await desk.http.patch(f"/v1/members/{member['id']}", json={"category": "establishment-professional"})
    assert code(changed) == (409, "holds_mandate")


async def test_the_college_follows_the_category(desk: Any) -> None:
    member = await desk.joins()
    changed = await desk.http.patch(f"/v1/members/{member['id']}", json={"category": "establishment-professional"})
    assert (changed.status_code, changed.json()["college"], changed.json()["version"]) == (200, 2, 2)
    again = await desk.http.patch(f"/v1/members/{member['id']}", json={"category": "establishment-professional"})
    assert again.json()["version"] == 2


async def test_a_member_is_changed_as_they_were_read(desk: Any) -> None:
    path = f"/v1/members/{(await desk.joins())['id']}"
    read = (await desk.http.get(path)).headers["ETag"]
    wanted = {"category": "establishment-professional"}
    changed = await desk.http.patch(path, json=wanted, headers={"If-Match": read})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    stale = await desk.http.patch(path, json=wanted, headers={"If-Match": read})
    assert (stale.status_code, stale.json()["code"], stale.headers["ETag"]) == (412, "version_mismatch", '"2"')


async def test_fees_are_by_calendar_year(desk: Any) -> None:
    member = await desk.joins()
    path = f"/v1/members/{member['id']}/fees"
    paid = await desk.http.put(f"{path}/2026", json={"paid_on": "2026-03-01", "amount": "10.00"})
    assert (paid.json()["fee_paid"], paid.json()["fees"]) == (
        True,
        [{"year": 2026, "paid_on": "2026-03-01", "amount": "10.00"}],
    )
    unpaid = await desk.get("/v1/members", fee_paid=False, rpps=member["rpps"])
    assert unpaid["items"] == []
    assert (await desk.http.put(f"{path}/2026", json={"paid_on": None})).json()["fee_paid"] is False
    assert (await desk.http.put(f"{path}/2026", json={"paid_on": "2027-01-01"})).status_code == 422


async def test_counts_as_of_a_day_are_those_of_that_day(desk: Any) -> None:
    before = await desk.get("/v1/members/counts")
    listed = (await desk.get("/v1/members", limit=200))["items"]
    assert before["total"] == len(listed) == before["adherents"] + before["associates"]
    desk.calendar.at += timedelta(days=3)
    await desk.joins()
    await desk.post(f"/v1/members/{listed[0]['id']}/leaving", left_on="2026-03-04", reason="retired")
    await desk.joins()
    now = await desk.get("/v1/members/counts")
    then = await desk.get("/v1/members/counts", at="2026-03-02")
    assert (then["total"], then["by"]) == (before["total"], before["by"])
    assert now["total"] == before["total"] + 1
    past = (await desk.get("/v1/members", limit=200, at="2026-03-02"))["items"]
    assert [(it["id"], it["name"]) for it in past] == [(it["id"], it["name"]) for it in listed]


async def test_pages_follow_each_other(desk: Any) -> None:
    whole = [it["id"] for it in (await desk.get("/v1/members", limit=200))["items"]]
    seen: list[str] = []
    page: dict[str, Any] = {"next": None}
    while page["next"] or not seen:
        page = await desk.get("/v1/members", limit=4, **({"cursor": page["next"]} if page["next"] else {}))
        seen += [it["id"] for it in page["items"]]
    assert seen == whole


async def test_no_name_stands_in_clear_or_in_history(desk: Any) -> None:
    member = await desk.joins("users-association", name="Zébulon l'introuvable")
    told = (await desk.get("/v1/history", entity="member", key=member["id"]))["items"]
    assert len(told) == 1
    assert not {"name_sealed", "person"} & told[0]["after"].keys()
    async with desk.directory.runtime.db.work("pays-de-redon") as work:
        rows = await work.fetch("SELECT m::text FROM member m UNION ALL SELECT c::text FROM change c")
    assert not any("bulon" in row[0] for row in rows)


async def test_a_territory_without_colleges_keeps_members_and_has_no_bodies(desk: Any) -> None:
    neighbour = {"territory": "haute-saintonge", "role": "coordinator"}
    async with desk.directory.connect("association:read", "association:write", **neighbour) as http:
        other = desk.beside(http)
        member = await other.joins("professional")
        assert member["college"] is None
        assert code(await other.seat(member, "board")) == (422, "body_unknown")
        assert (await other.get("/v1/bodies"))["bodies"] == []
        assert [it["id"] for it in (await other.get("/v1/members"))["items"]] == [member["id"]]
        mine = (await desk.get("/v1/members"))["items"][0]["id"]
        assert (await http.get(f"/v1/members/{mine}")).status_code == 404
        assert code(await other.post(f"/v1/members/{mine}/leaving", left_on="2026-03-02", reason="other"))[0] == 404


async def test_a_practitioner_may_not_read_the_register(desk: Any) -> None:
    async with desk.directory.connect("directory:read", role="practitioner", rpps="99000000093") as http:
        assert (await http.get("/v1/members")).status_code == 403


async def test_a_membership_is_never_deleted(desk: Any) -> None:
    async with desk.directory.runtime.db.work("pays-de-redon") as work:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await work.execute("DELETE FROM member")
