"""Service logins can do what their service needs and nothing else."""

import asyncio

import asyncpg
import pytest

from kit.testing.servers import Servers


async def test_a_login_takes_its_three_roles_and_no_other_database(servers: Servers) -> None:
    url = await servers.new_database("pathways")
    other = await servers.new_database("indicators")
    connection = await asyncpg.connect(url)
    try:
        for kind in ("owner", "app", "system"):
            await connection.execute(f"SET ROLE pathways_{kind}")
            await connection.execute("RESET ROLE")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SET ROLE indicators_app")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE not_inherited (id int)")
    finally:
        await connection.close()
    foreign = other.partition("@")[2]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(f"{url.partition('@')[0]}@{foreign}")


async def test_a_wrong_password_is_refused_on_the_socket_and_on_tcp(servers: Servers) -> None:
    url = (await servers.new_database("pathways")).replace(":testonly@", ":wrong@")
    over_tcp = {"host": "127.0.0.1"}
    for where in ({}, over_tcp):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(url, **where)


async def test_databases_are_copies_of_one_that_was_migrated_once(servers: Servers) -> None:
    runs: list[str] = []

    async def migrate(url: str) -> None:
        runs.append(url)
        connection = await asyncpg.connect(url)
        await connection.execute("SET ROLE directory_owner; CREATE TABLE witness (id int)")
        await connection.close()

    first, second = await asyncio.gather(
        servers.new_database("directory", migrate), servers.new_database("directory", migrate)
    )
    assert len(runs) == 1
    assert first != second
    for url in (first, second):
        connection = await asyncpg.connect(servers.admin_url(url))
        assert await connection.fetchval("SELECT count(*) FROM witness") == 0
        await connection.close()


async def test_the_locale_does_not_depend_on_the_machine(servers: Servers) -> None:
    connection = await asyncpg.connect(servers.admin_database_url)
    try:
        assert await connection.fetchval("SELECT lower('ÉCOLE')") == "école"
    finally:
        await connection.close()
