"""Which database errors mean what. One place, for requests, consumers, relay and timers."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

DISCONNECTED = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    PoolTimeoutError,
    ConnectionError,
    TimeoutError,
)
"""The server is gone, starting, stopping or busy: worth another try later."""

CONTENDED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)
"""Another transaction was in the way: worth another try at once."""

UNSTORABLE = (asyncpg.DataError,)
"""A value that the schema let pass and PostgreSQL cannot hold (a NUL character, a forged cursor)."""


def cause(error: Exception) -> Exception:
    """The driver's error under the ORM's, or the error itself."""
    original = error.orig if isinstance(error, DBAPIError) else None
    under = original.__cause__ if original is not None else None
    return under if isinstance(under, Exception) else error
