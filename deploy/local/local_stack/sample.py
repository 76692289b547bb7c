"""placeholder to be written next"""

from pathlib import Path

from local_stack.terminal import Terminal


async def load_sample(gateway_url: str, run_dir: Path, terminal: Terminal) -> None:
    return None
