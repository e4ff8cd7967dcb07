"""The way to a host, as the system says: the addresses of its name, and the proxy."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import MutableMapping, Sequence
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

SCHEMES = {"ws": "http", "wss": "https"}
OWN = ("localhost", "127.0.0.1", "::1")


def look_up(host: str) -> Sequence[str]:
    """Every address of a host, also of one that is spelt as a number. Raises OSError."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)))


def proxy_of(url: str) -> str | None:
    """The HTTP proxy by which this machine reaches an address, by its environment; None for its own addresses."""
    address = urlsplit(url)
    host = address.hostname or ""
    if host == "localhost" or _is_loopback(host) or proxy_bypass(host):
        return None
    proxy = getproxies().get(SCHEMES.get(address.scheme, address.scheme))
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def keep_direct(environment: MutableMapping[str, str]) -> None:
    """Tell git and libraries, which read the environment themselves, that this machine's addresses need no proxy."""
    told = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    names = [name for name in map(str.strip, told.split(",")) if name]
    every = ",".join(names if "*" in names else dict.fromkeys((*names, *OWN)))
    environment["no_proxy"] = environment["NO_PROXY"] = every


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
