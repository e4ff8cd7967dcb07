"""The hosts that plans may make Callboard connect to: public ones, or those that its operator lists."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase

from callboard.core.errors import Refused

PUBLIC = "public"
BYTE = 255
NUMBER = r"(?:0x[0-9a-f]{1,8}|0[0-7]{0,11}|[1-9][0-9]{0,9})"
NUMBERS = re.compile(rf"{NUMBER}(?:\.{NUMBER}){{0,3}}")
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str], Sequence[str]]
# Addresses of IPv4 inside IPv6: the last 32 bits are dialled.
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
ASSIGNED = ipaddress.IPv6Network("2000::/3")
"""Whatever of IPv6 lies elsewhere is no host of the internet, though some systems translate it into IPv4."""
RESERVED = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "3fff::/20")))
"""What Python takes for public: protocols, relays, examples, and where clouds tell their machines their secrets."""


class Hosts:
    """What a word allows: `public`, a name, `*.example.com`, or a network such as `10.0.0.0/8`."""

    def __init__(self, words: Iterable[str], resolve: Resolve) -> None:
        self.words = tuple(words)
        self._names: list[str] = []
        self._networks: list[Network] = []
        self._public = False
        self._resolve = resolve
        for word in self.words:
            network = as_network(word)
            if word == PUBLIC:
                self._public = True
            elif network is not None:
                self._networks.append(network)
            else:
                self._names.append(word.lower())

    def addresses(self, host: str) -> Sequence[str]:
        """Where to connect to; none for a host allowed by its name, which is not looked up. Raises Refused."""
        bare = host.lower().strip("[]").rstrip(".")
        if any(fnmatchcase(bare, name) for name in self._names):
            return ()
        try:
            found = self._resolve(bare)
        except (OSError, UnicodeError):
            raise Refused(f"The host {host} cannot be found.") from None
        for address in found:
            if not self._allows(ipaddress.ip_address(address.partition("%")[0])):
                inner = f", which is {address}" if address != bare else ""
                raise Refused(
                    f"Callboard may not connect to {host}{inner}. Its operator can allow that with `CALLBOARD_HOSTS`."
                )
        return found

    def _allows(self, address: Ip) -> bool:
        return (self._public and is_public(address)) or any(address in network for network in self._networks)


def as_network(word: str) -> Network | None:
    try:
        return ipaddress.ip_network(word, strict=False)
    except ValueError:
        return None


def is_public(address: Ip) -> bool:
    """Whether anybody on the internet may be reached there; the address inside another decides."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in TRANSLATED:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
        if address not in ASSIGNED:
            return False
    reserved = any(address in network for network in RESERVED)
    return address.is_global and not address.is_multicast and not reserved


def is_inner(host: str) -> bool:
    """Whether a host is plainly not public, as it is written; nothing is looked up."""
    bare = host.lower().strip("[]").rstrip(".")
    if bare == "localhost" or bare.endswith((".localhost", ".internal", ".local")):
        return True
    try:
        return not is_public(ipaddress.ip_address(bare))
    except ValueError:
        pass
    return (number := _spelt(bare)) is not None and not is_public(ipaddress.IPv4Address(number))


def _spelt(host: str) -> int | None:
    """The address that the system reads from 127.1, 0x7f.1 and 2130706433."""
    if not NUMBERS.fullmatch(host):
        return None
    *first, last = (int(part, 16 if part[:2] == "0x" else 8 if part[0] == "0" else 10) for part in host.split("."))
    rest = 256 ** (4 - len(first))
    if last >= rest or any(part > BYTE for part in first):
        return None
    total: int = sum(part * 256 ** (3 - at) for at, part in enumerate(first)) + last
    return total
