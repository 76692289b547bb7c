"""Which database errors mean what. One place, for requests, consumers, relay and timers."""

import asyncpg

DISCONNECTED = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver says when it is asked while it hears that the server ends
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    ConnectionError,
    TimeoutError,
)
"""The server is gone, starting, stopping or busy: worth another try later."""

CONTENDED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)
"""Another transaction was in the way: worth another try at once."""

UNSTORABLE = (asyncpg.DataError,)
"""A value that the schema let pass and PostgreSQL cannot hold (a NUL character, a forged cursor)."""
