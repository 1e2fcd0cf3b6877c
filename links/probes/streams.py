"""A TCP connection, with TLS or without: read in bounded pieces, closed without waiting for the other side."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator
from typing import NamedTuple

from core.errors import InvalidInputError
from core.i18n import tr
from links.probes.failing import ProbeFailure, explained

BUFFER = 64 * 1024


class Stream(NamedTuple):
    """An open connection. rtt_ms: how long TCP took; certificate: DER of what the other side showed, empty without TLS."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    rtt_ms: float
    certificate: bytes = b""


class Tls(NamedTuple):
    """How to speak TLS. name: whose certificate it must be. authority: text of a PEM file; empty: the system's authorities."""

    name: str
    verify: bool = True
    authority: str = ""


@contextlib.asynccontextmanager
async def opened(host: str, port: int, tls: Tls | None = None) -> AsyncIterator[Stream]:
    """A connection that is aborted at the end. The caller bounds the time. Raises `ProbeFailure`."""
    begun = time.perf_counter()
    with explained():
        reader, writer = await asyncio.open_connection(host, port, limit=BUFFER)
    rtt_ms = (time.perf_counter() - begun) * 1000
    try:
        certificate = b""
        if tls is not None:
            certificate = await _secured(writer, tls)
        yield Stream(reader, writer, rtt_ms, certificate)
    finally:
        writer.transport.abort()


async def _secured(writer: asyncio.StreamWriter, tls: Tls) -> bytes:
    with explained():
        await writer.start_tls(context(tls), server_hostname=tls.name)
    found = writer.get_extra_info("ssl_object")
    return found.getpeercert(binary_form=True) or b""


def context(tls: Tls) -> ssl.SSLContext:
    """Raises `InvalidInputError` for an authority that cannot be read."""
    made = ssl.create_default_context()
    if not tls.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    elif tls.authority:
        try:
            made.load_verify_locations(cadata=tls.authority)
        except (ssl.SSLError, ValueError):
            raise InvalidInputError(tr("The authority is no PEM certificate."), way_out=tr("Give the text of its PEM file.")) from None
    return made


async def certificate_of(host: str, port: int, name: str) -> bytes:
    """The certificate that is shown there, trusted or not. Raises `ProbeFailure`."""
    async with opened(host, port, Tls(name, verify=False)) as stream:
        return stream.certificate


async def line(reader: asyncio.StreamReader, most: int) -> bytes:
    """One line without its end, at most `most` octets. Raises `ProbeFailure`."""
    with explained():
        found = await reader.readuntil(b"\n")
    if len(found) > most:
        raise ProbeFailure("too-much")
    return found.rstrip(b"\r\n")
