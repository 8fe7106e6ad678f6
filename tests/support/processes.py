"""Other processes of this machine."""

import psutil


def lives(process: psutil.Process | int) -> bool:
    """Tell whether a process does anything yet; a dead one may wait for a lazy init to be taken off the list."""
    try:
        found = psutil.Process(process) if isinstance(process, int) else process
        return found.is_running() and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
