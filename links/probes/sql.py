"""One row of one reading statement from a PostgreSQL server, in a transaction that can only read, within a bounded time and size.

The server is reached through a relay of our own that lets a bounded number of octets pass: libpq reads a whole row before it shows any of
it, however large a server makes it. TLS goes through it untouched.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

from core.probes import Answer
from links.probes.failing import ProbeFailure, explained
from links.probes.streams import opened

MOST_BYTES = 512 * 1024
MOST_STATEMENT = 8192
_PIECE = 32 * 1024
_OURS: tuple[tuple[str, Answer], ...] = (
    ("28", "refused"), ("3D", "refused"), ("42501", "refused"), ("57014", "no-answer"), ("25006", "unusable"), ("42", "unusable"),
    ("53", "no-answer"), ("57P03", "no-answer"),
)
"""SQLSTATE by its beginning (appendix A of PostgreSQL's manual); the longest match decides. unusable: the statement is wrong."""

_REFUSALS = ("FATAL:", "致命", "authentication", "password")
"""Of a login that went wrong libpq tells no SQLSTATE, only the server's words."""


class Access(NamedTuple):
    """tls: libpq's sslmode; authority: path of a PEM file for verify-full, empty: the system's."""

    host: str
    port: int
    database: str
    user: str
    password: str
    tls: str = "prefer"
    authority: str = ""

    def __repr__(self) -> str:
        return f"Access({self.host!r}, {self.database!r}, {self.user!r})"


async def first_row(access: Access, statement: str, timeout_s: float) -> Mapping[str, Any]:
    """The first row by the names of its columns; empty: there is none. Raises `ProbeFailure`."""
    import psycopg
    from psycopg.rows import dict_row

    logging.getLogger("psycopg").setLevel(logging.ERROR)  # that a statement was given up is in the answer
    try:
        with explained():
            async with asyncio.timeout(timeout_s), _relay(access.host, access.port) as port:
                connection = await psycopg.AsyncConnection.connect(row_factory=dict_row, **_parameters(access, port, timeout_s))
                try:
                    await connection.set_read_only(True)
                    # by the extended protocol, which takes one statement and no more
                    cursor = await connection.execute(statement.encode(), prepare=True)
                    return (await cursor.fetchone() if cursor.description else None) or {}
                finally:
                    connection.pgconn.finish()
    except psycopg.Error as error:
        raise _told(error) from None


def _parameters(access: Access, port: int, timeout_s: float) -> dict[str, Any]:
    return {
        "host": access.host, "hostaddr": "127.0.0.1", "port": port, "dbname": access.database, "user": access.user,
        "password": access.password, "passfile": "/dev/null", "sslmode": access.tls, "gssencmode": "disable",
        "sslrootcert": access.authority or ("system" if access.tls == "verify-full" else None),
        "connect_timeout": max(2, int(timeout_s)), "application_name": "yunwang",
        "options": f"-c statement_timeout={int(timeout_s * 1000)} -c default_transaction_read_only=on -c lock_timeout=1000",
    }


def _told(error: Any) -> ProbeFailure:
    state = error.sqlstate or ""
    found = sorted((start for start, _ in _OURS if state.startswith(start)), key=len)
    said = error.diag.message_primary or str(error).splitlines()[0].rpartition(": ")[2] if str(error) else ""
    if found:
        return ProbeFailure(dict(_OURS)[found[-1]], said)
    if "certificate" in str(error):
        return ProbeFailure("bad-certificate", said)
    if not state and any(word in str(error) for word in _REFUSALS):
        return ProbeFailure("refused", said)
    return ProbeFailure("nonsense" if state else "no-answer", said)


@contextlib.asynccontextmanager
async def _relay(host: str, port: int) -> AsyncIterator[int]:
    """A port of this machine behind which the server is, for one connection and so many octets."""
    async with opened(host, port) as server:
        taken = asyncio.Event()
        tasks: list[asyncio.Task[None]] = []

        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if taken.is_set():
                writer.transport.abort()
                return
            taken.set()
            tasks.append(asyncio.create_task(_pass_on(reader, server.writer, MOST_BYTES)))
            tasks.append(asyncio.create_task(_pass_on(server.reader, writer, MOST_BYTES)))

        listener = await asyncio.start_server(meet, "127.0.0.1", 0)
        try:
            yield int(listener.sockets[0].getsockname()[1])
        finally:
            listener.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int) -> None:
    with contextlib.suppress(OSError):
        while left > 0 and (piece := await reader.read(min(_PIECE, left))):
            left -= len(piece)
            writer.write(piece)
            await writer.drain()
    writer.transport.abort()
