"""The web application: Web API, Socket Mode, response_urls, the control API and the page."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from slack_standin.control import control_routes
from slack_standin.desk import PAGE, desk_routes
from slack_standin.errors import NotPossibleError, SlackError
from slack_standin.standin import StandIn


def build(sandbox: StandIn) -> Starlette:
    """The application of one sandbox."""
    return Starlette(
        routes=[
            Route("/", _index),
            Route("/gallery", _gallery),
            Route("/api/{method}", sandbox.api.answer, methods=["GET", "POST"]),
            Route("/respond/{key}", _respond(sandbox), methods=["POST"]),
            Route("/upload/v1/{ticket}", _upload(sandbox), methods=["POST"]),
            Route("/files-pri/{file}/{name}", _file(sandbox)),
            WebSocketRoute("/link/", _link(sandbox)),
            Route("/archives/{channel}/{message}", _archives),
            Mount("/sandbox", _Later(lambda: _control(sandbox))),
            Mount("/page", StaticFiles(directory=PAGE)),
        ]
    )


class _Later:
    """An application that is built when it is first asked: it takes long to build, and tests mostly do without."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._app = self._app or self._make()
        await self._app(scope, receive, send)


def _control(sandbox: StandIn) -> FastAPI:
    app = FastAPI(title="Slack sandbox", docs_url=None, redoc_url=None)
    app.include_router(desk_routes(sandbox), prefix="/page")
    app.include_router(control_routes(sandbox))
    app.add_exception_handler(NotPossibleError, _not_possible)
    return app


def _link(sandbox: StandIn) -> Callable[[WebSocket], Awaitable[None]]:
    async def link(websocket: WebSocket) -> None:
        await sandbox.sockets.serve(websocket)

    return link


def _respond(sandbox: StandIn) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        payload = await request.json()
        entry = sandbox.record.add("request", "response_url", payload)
        try:
            sandbox.replies.use(request.path_params["key"], payload)
        except SlackError as error:
            entry["answer"] = {"ok": False, "error": error.code, "messages": error.messages}
            status = 404 if error.code in {"expired_url", "used_url"} else 400
            return JSONResponse({"ok": False, "error": error.code}, status)
        entry["answer"] = {"ok": True}
        sandbox.record.stir()
        return Response("ok")

    return respond


def _upload(sandbox: StandIn) -> Callable[[Request], Awaitable[Response]]:
    async def upload(request: Request) -> Response:
        body, content_type = await request.body(), request.headers.get("Content-Type", "")
        entry = sandbox.record.add("request", "upload", {"bytes": len(body)})
        try:
            length = sandbox.uploads.arrive(request.path_params["ticket"], body, content_type)
        except SlackError as error:
            entry["answer"] = {"ok": False, "error": error.code, "messages": error.messages}
            return Response("invalid upload", 404 if error.code == "file_not_found" else 400)
        entry["answer"] = {"ok": True}
        return Response(f"OK - {length}")

    return upload


def _file(sandbox: StandIn) -> Callable[[Request], Awaitable[Response]]:
    async def file(request: Request) -> Response:
        spec, found = sandbox.spec, sandbox.workspace.state.files.get(request.path_params["file"])
        known = request.headers.get("Authorization") == f"Bearer {spec.bot_token}" and "files:read" in spec.scopes
        sandbox.record.add("request", "files-pri", {"file": request.path_params["file"], "allowed": known})
        if found is None:
            return Response("not found", 404)
        return Response(found.content, media_type=found.mimetype) if known else HTMLResponse("<html>Sign in</html>")

    return file


async def _not_possible(_request: Request, error: Exception) -> Response:
    return JSONResponse({"ok": False, "error": str(error)}, 409)


async def _archives(request: Request) -> Response:
    message = request.path_params["message"]
    return RedirectResponse(f"/#/{request.path_params['channel']}/{message[1:-6]}.{message[-6:]}")


async def _index(_request: Request) -> Response:
    return FileResponse(PAGE / "index.html")


async def _gallery(_request: Request) -> Response:
    return FileResponse(PAGE / "gallery.html")
