"""One Slack with several workspaces, which one app may be installed in: who is asked is found by the token."""

import base64
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from html import escape
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from slack_standin.sandbox import Sandbox
from slack_standin.server import Server
from slack_standin.state import Json
from slack_standin.workspace_spec import WorkspaceSpec

CODE_LASTS = timedelta(minutes=10)
STYLE = "body{font:1.1rem/1.5 system-ui;max-width:34rem;margin:2rem auto}button{font:inherit;padding:.4rem 1rem}"


class Grant:
    """What somebody allowed: a code that is exchanged once, within ten minutes."""

    def __init__(self, team: str, redirect: str, scopes: str, until: datetime) -> None:
        self.team, self.redirect, self.scopes, self.until = team, redirect, scopes, until
        self.used = False


class Front:
    """Workspaces by their id, at one address. `asgi` is the web application; each workspace is at `/w/{team_id}`.

    `redirects` are the addresses that the app has registered; a request may name one of them, or one below it.
    """

    def __init__(
        self, specs: Iterable[WorkspaceSpec], clock: Callable[[], datetime], *, redirects: Iterable[str] = (),
        client_id: str = "1.2", client_secret: str = "c" * 32, **how: Any,
    ) -> None:  # fmt: skip
        self.clock = clock
        self.client_id, self.client_secret = client_id, client_secret
        self.redirects = list(redirects)
        self.workspaces: dict[str, Sandbox] = {}
        for spec in specs:
            self.workspaces[spec.team_id] = Sandbox(spec, clock, **how)
        self.first, *others = self.workspaces.values()
        for other in others:
            other.share_sockets(self.first)
        self.tokens: dict[str, str] = {}
        """Every token that was ever given, and its workspace."""
        self.grants: dict[str, Grant] = {}
        self.broken, self.organisation = False, False
        """Whether what answers is not Slack, and whether somebody installs for a whole organisation."""
        self.url = ""
        self.asgi = Starlette(routes=[
            Route("/oauth/v2/authorize", self._ask, methods=["GET"]),
            Route("/oauth/v2/authorize", self._decide, methods=["POST"]),
            Route("/api/oauth.v2.access", self._exchange, methods=["POST"]),
            Mount("/api", self._api),
            WebSocketRoute("/link/", self.first.sockets.serve),
            *(Mount(f"/w/{team}", each.asgi) for team, each in self.workspaces.items()),
        ])  # fmt: skip
        self._server: Server | None = None

    def __getitem__(self, team: str) -> Sandbox:
        """A workspace."""
        return self.workspaces[team]

    def install(self, team: str) -> str:
        """Give the app a token for a workspace, as when somebody has allowed it; the one before is void."""
        token = f"xoxb-{team}-{secrets.token_hex(8)}"
        sandbox = self.workspaces[team]
        sandbox.spec.bot_token, sandbox.workspace.revoked = token, False
        self.tokens[token] = team
        return token

    def uninstall(self, team: str) -> None:
        """Somebody takes the app away: its token is void, and it is told."""
        self.workspaces[team].uninstall()

    # The browser of whoever installs

    async def _ask(self, request: Request) -> Response:
        """The page on which an admin chooses a workspace, and allows or cancels."""
        if wrong := self._wrong(dict(request.query_params)):
            return HTMLResponse(f"<h1>Something went wrong</h1><p>{wrong}</p>", 400)
        fields = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in request.query_params.items()
        )
        choices = "".join(
            f'<option value="{team}">{escape(each.spec.name)}</option>' for team, each in self.workspaces.items()
        )
        return HTMLResponse(
            f"<title>Slack</title><style>{STYLE}</style><h1>An app asks for access</h1><form method=post>{fields}"
            f"<p><select name=team>{choices}</select></p><p>It may: {escape(request.query_params['scope'])}</p>"
            "<button name=allow value=1>Allow</button> <button name=allow value=0>Cancel</button></form>"
        )

    async def _decide(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        if wrong := self._wrong(form):
            return HTMLResponse(f"<h1>Something went wrong</h1><p>{wrong}</p>", 400)
        return RedirectResponse(self.decided(form), 302)

    def decided(self, asked: dict[str, str]) -> str:
        """Where somebody is sent who allows (`allow` is 1) what was asked for, or cancels."""
        if asked.get("allow") == "1":
            code = secrets.token_urlsafe(16)
            until = self.clock() + CODE_LASTS
            self.grants[code] = Grant(asked["team"], asked["redirect_uri"], asked["scope"], until)
            answer = {"code": code}
        else:
            answer = {"error": "access_denied"}
        return f"{asked['redirect_uri']}?{urlencode(answer | {'state': asked.get('state', '')})}"

    def _wrong(self, asked: dict[str, str]) -> str:
        if asked.get("client_id") != self.client_id:
            return "invalid_client_id"
        redirect = asked.get("redirect_uri", "")
        if not any(redirect == each or redirect.startswith(each.rstrip("/") + "/") for each in self.redirects):
            return "bad_redirect_uri"
        known = {scope for each in self.workspaces.values() for scope in each.spec.scopes}
        scopes = set(filter(None, asked.get("scope", "").split(",")))
        return "no_scopes" if not scopes else "" if scopes <= known else "invalid_scope"

    # The app

    async def _exchange(self, request: Request) -> Response:
        if self.broken:
            return HTMLResponse("<h1>Bad gateway</h1>", 502)
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        scheme, _, basic = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            form["client_id"], _, form["client_secret"] = base64.b64decode(basic).decode().partition(":")
        grant = self.grants.get(form.get("code", ""))
        error = (
            "invalid_client_id" if form.get("client_id") != self.client_id
            else "bad_client_secret" if form.get("client_secret") != self.client_secret
            else "invalid_code" if grant is None or grant.until <= self.clock()
            else "code_already_used" if grant.used
            else "bad_redirect_uri" if form.get("redirect_uri") != grant.redirect
            else ""
        )  # fmt: skip
        if error or grant is None:
            return JSONResponse({"ok": False, "error": error})
        grant.used = True
        spec, token = self.workspaces[grant.team].spec, self.install(grant.team)
        return JSONResponse({
            "ok": True, "access_token": token, "token_type": "bot", "scope": grant.scopes, "app_id": spec.app_id,
            "bot_user_id": spec.bot_user_id, "team": {"id": spec.team_id, "name": spec.name}, "enterprise": None,
            "authed_user": {"id": next(iter(spec.users)).id}, "is_enterprise_install": self.organisation,
        })  # fmt: skip

    async def _api(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the workspace answer whose token was sent; one that was taken back is of no use anywhere."""
        token = Request(scope).headers.get("authorization", "").removeprefix("Bearer ").strip()
        team = self.tokens.get(token, self.first.spec.team_id)
        sandbox, method = self.workspaces[team], scope["path"].rpartition("/")[2]
        if token in self.tokens and token != sandbox.spec.bot_token:
            await _void(scope, receive, send)
            return
        prefix = f"/w/{team}"
        inner = {**scope, "root_path": prefix, "path": f"{prefix}/api/{method}", "raw_path": b""}
        await sandbox.asgi(inner, receive, send)

    # Serving

    async def serve(self, host: str = "127.0.0.1", port: int = 0) -> str:
        self._server = Server(self.asgi)
        self.url = await self._server.start(host, port)
        for team, sandbox in self.workspaces.items():
            sandbox.replies.base_url = f"{self.url}/w/{team}"
        return self.url

    @property
    def api_url(self) -> str:
        """What `SLACK_API_URL` is to be."""
        return f"{self.url}/api/"

    async def close(self) -> None:
        if self._server is not None:
            await self._server.stop()
        for sandbox in self.workspaces.values():
            await sandbox.close()

    async def __aenter__(self) -> Self:
        await self.serve()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


_INACTIVE: Json = {"ok": False, "error": "account_inactive"}
_void = JSONResponse(_INACTIVE)
