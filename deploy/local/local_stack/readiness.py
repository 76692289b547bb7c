"""Whether an HTTP process is ready, and in its own words what it lacks."""

import asyncio


async def not_ready(port: int, timeout: float = 5.0) -> str | None:
    """None when GET /readyz on 127.0.0.1 answers 200 and no event is on its way, else why not."""
    try:
        async with asyncio.timeout(timeout):
            status, body = await _get(port, "/readyz?settled")
    except (OSError, TimeoutError, ValueError, IndexError) as error:
        return f"no answer on port {port} ({type(error).__name__})"
    return None if status == 200 else f"/readyz answers {status}: {body[:500]}"


async def _get(port: int, path: str) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = (await reader.read()).decode(errors="replace")
    finally:
        writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), body
