"""The addresses that repositories may be fetched from: read strictly, so that git connects to what was checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from callboard.core.errors import Refused
from callboard.core.hosts import Hosts

HOST = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?)"
URL = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^\s/@\\?#]*@)?{HOST}(?::(?P<port>[0-9]{{1,5}}))?/(?P<path>[^\s\\]*)",
    re.IGNORECASE,
)
SSH = re.compile(rf"(?:[A-Za-z0-9][\w.-]*@)?{HOST}:(?!//)[^\s\\:-][^\s\\:]*")
PORTS = {"https": "443", "http": "80"}
SAMPLE = "https://git.example.com/harbor.git"


@dataclass(frozen=True)
class Address:
    """Where a repository is: a `file` on Callboard's own machine has no host."""

    scheme: str
    host: str = ""
    port: str = ""


@dataclass(frozen=True)
class Route:
    """What git is told, so that it goes where it may and nowhere else."""

    config: tuple[str, ...]
    environment: Mapping[str, str]


def read(clone: str) -> Address:
    """Raises Refused for what git might understand in another way."""
    if found := URL.fullmatch(clone):
        return Address(found["scheme"].lower(), found["host"], found["port"] or "")
    if (found := SSH.fullmatch(clone)) and "/" not in clone.partition(":")[0]:
        return Address("ssh", found["host"])
    if clone.lower().startswith("file://") or (clone.startswith(("/", "./", "../", "~")) and "::" not in clone):
        return Address("file")
    raise Refused(f"It cannot be cloned from there. Write an address such as {SAMPLE}.")


@dataclass(frozen=True)
class Origins:
    """The schemes and hosts that the operator allows."""

    hosts: Hosts
    schemes: frozenset[str] = frozenset({"https", "ssh"})

    def route(self, clone: str) -> Route:
        """How git gets there. It looks the host up; raises Refused where the operator does not allow it."""
        address = read(clone)
        if address.scheme not in self.schemes:
            raise Refused(not_fetched(address.scheme, self.schemes))
        found = self.hosts.addresses(address.host) if address.host else ()
        # Git connects to the addresses that were checked, whatever the name stands for by then, and follows nobody.
        config = ["http.followRedirects=false"]
        ssh = "ssh -o BatchMode=yes"
        if found and address.scheme in PORTS:
            where = ",".join(f"[{one}]" if ":" in one else one for one in found)
            port = address.port or PORTS[address.scheme]
            config.append(f"http.curloptResolve={address.host.strip('[]')}:{port}:{where}")
        if found and address.scheme == "ssh":
            known = f"[{address.host}]:{address.port}" if address.port not in ("", "22") else address.host
            ssh += f" -o HostName={found[0]} -o 'HostKeyAlias={known}'"
        words = tuple(word for each in config for word in ("-c", each))
        return Route(words, {"GIT_ALLOW_PROTOCOL": address.scheme, "GIT_SSH_COMMAND": ssh})


def not_fetched(scheme: str, schemes: Iterable[str]) -> str:
    allowed = " and ".join(sorted(schemes))
    what = "folders of its own machine" if scheme == "file" else f"`{scheme}:` addresses"
    return (
        f"Callboard does not fetch from {what}, only by {allowed}. "
        "Its operator can allow that with `CALLBOARD_REPOSITORY_SCHEMES`."
    )
