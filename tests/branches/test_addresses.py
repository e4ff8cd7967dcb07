"""Repositories are fetched from where the operator allows it, and git goes nowhere else."""

from __future__ import annotations

import http.server
import threading
from contextlib import contextmanager

import pytest

from callboard.branches.addresses import Address, Origins, read
from callboard.branches.git import Git, GitFailed
from callboard.core.errors import Refused
from callboard.core.hosts import Hosts

PUBLIC = "93.184.215.14"
LOOPBACK = Hosts(["127.0.0.0/8"], lambda _: ["127.0.0.1"])


@pytest.mark.parametrize(
    ("clone", "address"),
    [
        ("https://git.example.com/harbor.git", Address("https", "git.example.com")),
        ("HTTPS://bot:secret@git.example.com:8443/a/b.git", Address("https", "git.example.com", "8443")),
        ("https://[::1]/x", Address("https", "[::1]")),
        ("ssh://git@git.example.com:22/x.git", Address("ssh", "git.example.com", "22")),
        ("git@git.example.com:team/harbor.git", Address("ssh", "git.example.com")),
        ("/srv/git/harbor.git", Address("file")),
        ("file:///srv/git/harbor.git", Address("file")),
        ("../harbor", Address("file")),
    ],
)
def test_addresses_of_repositories_are_read(clone, address):
    assert read(clone) == address


@pytest.mark.parametrize(
    "clone",
    [
        "ext::sh -c id", "ext::sh", "--upload-pack=id", "-x", "fd::17", "https://good.example#@10.0.0.1/x",
        "https://good.example\\@10.0.0.1/x", "https://good.example?@10.0.0.1/x", "https://a b/x", "https://", "",
        "ssh://-oProxyCommand=id/x", "-oProxyCommand=id:x", "https://ex%61mple.com/x", "harbor", "https://a/x\ny",
        "https://a@b@10.0.0.1/x", "git@host:-x", "https://git.example.com./x", "git@git.example.com.:x",
    ],
)  # fmt: skip
def test_addresses_that_git_may_understand_in_another_way_are_refused(clone):
    with pytest.raises(Refused, match="cannot be cloned"):
        read(clone)


@pytest.mark.parametrize("clone", ["file:///etc", "/etc", "http://git.example.com/x", "git://git.example.com/x"])
def test_addresses_of_other_schemes_are_refused_with_the_setting_that_allows_them(clone):
    with pytest.raises(Refused, match="CALLBOARD_REPOSITORY_SCHEMES"):
        Origins(Hosts(("public",), lambda _: [PUBLIC])).route(clone)


def test_addresses_of_inner_hosts_are_refused_with_the_setting_that_allows_them():
    with pytest.raises(Refused, match="CALLBOARD_HOSTS"):
        Origins(Hosts(("public",), lambda _: ["10.0.0.1"])).route("https://git.example.com/x")


def test_addresses_over_ssh_are_dialled_as_they_were_checked_and_known_by_their_name():
    route = Origins(Hosts(("public",), lambda _: [PUBLIC])).route("ssh://git@git.example.com:2222/x.git")
    assert route.environment["GIT_SSH_COMMAND"] == (
        f"ssh -o BatchMode=yes -o HostName={PUBLIC} -o 'HostKeyAlias=[git.example.com]:2222'"
    )


@contextmanager
def forge(status=404, location=""):
    asked = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.headers["Host"])
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fetch(folder, clone):
    route = Origins(LOOPBACK, frozenset({"http"})).route(clone)
    git = Git(folder, 30, route.environment)
    git.run("init", "-q", "--bare", ".")
    git.run(*route.config, "fetch", "-q", "--", clone)


def test_addresses_are_dialled_as_they_were_checked_whatever_the_name_stands_for_by_then(tmp_path):
    with forge() as (port, asked), pytest.raises(GitFailed):
        fetch(tmp_path, f"http://git.example.com:{port}/x.git")
    assert asked == [f"git.example.com:{port}"]


def test_addresses_that_redirect_are_not_followed(tmp_path):
    with forge() as (port, asked):
        with forge(302, f"http://127.0.0.1:{port}/secret.git") as (outer, met), pytest.raises(GitFailed, match="302"):
            fetch(tmp_path, f"http://git.example.com:{outer}/x.git")
        assert met
        assert not asked
