"""Plans reach public hosts and those that the operator lists, however an address is spelt."""

from __future__ import annotations

import ipaddress

import pytest

from callboard.core.errors import Refused
from callboard.core.hosts import Hosts, is_inner, is_public
from callboard.core.resolver import look_up

INNER = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
    "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1",
    "2002:7f00:1::", "64:ff9b::a00:1", "::127.0.0.1", "::ffff:0:7f00:1", "64:ff9b:1::7f00:1", "fec0::1", "5f00::1",
    "3fff::1", "192.0.0.192", "192.88.99.1", "168.63.129.16",
]  # fmt: skip
SPELT = ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "localhost", "LOCALHOST.", "metadata.internal"]
PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]


@pytest.mark.parametrize("address", INNER)
def test_hosts_refuse_inner_addresses(address):
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(Refused, match="CALLBOARD_HOSTS"):
        Hosts(("public",), lambda _: [address]).addresses("git.example.com")


@pytest.mark.parametrize("address", [*INNER, *SPELT])
def test_hosts_know_inner_addresses_as_they_are_written(address):
    assert is_inner(address)


@pytest.mark.parametrize("address", SPELT[:4])
def test_hosts_refuse_addresses_that_are_spelt_as_numbers(address):
    with pytest.raises(Refused):
        Hosts(("public",), look_up).addresses(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_hosts_take_public_addresses(address):
    assert Hosts(("public",), lambda _: [address]).addresses("git.example.com") == [address]
    assert not is_inner(address)


def test_hosts_refuse_a_name_when_one_of_its_addresses_is_inner():
    with pytest.raises(Refused, match=r"git.example.com, which is 10.0.0.1"):
        Hosts(("public",), lambda _: [PUBLIC[0], "10.0.0.1"]).addresses("git.example.com")


def test_hosts_that_the_operator_lists_are_taken_and_others_are_not():
    hosts = Hosts(["10.2.0.0/16", "*.corp.example", "git.example.com"], lambda name: [name])
    assert hosts.addresses("10.2.3.4") == ["10.2.3.4"]
    assert hosts.addresses("GIT.example.com.") == hosts.addresses("a.b.corp.example") == ()
    for other in ("10.3.0.1", PUBLIC[0], "corp.example"):
        with pytest.raises((Refused, ValueError)):
            hosts.addresses(other)


def test_hosts_that_cannot_be_found_are_named():
    def nobody(_):
        raise OSError

    with pytest.raises(Refused, match=r"The host git.example.com cannot be found."):
        Hosts(("public",), nobody).addresses("git.example.com")
