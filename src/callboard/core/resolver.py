"""What addresses a name has, as the system says."""

from __future__ import annotations

import socket
from collections.abc import Sequence


def look_up(host: str) -> Sequence[str]:
    """Every address of a host, also of one that is spelt as a number. Raises OSError."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)))
