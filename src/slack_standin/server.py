"""The web application of a sandbox, and the port that it listens on inside the running event loop."""

import asyncio
import socket
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from slack_standin.control_api import control_routes
from slack_standin.methods.files import give_file, take_upload
from slack_standin.page_routes import PAGE, page_routes
from slack_standin.state import NotPossibleError

if TYPE_CHECKING:
    from slack_standin.sandbox import Sandbox

GRACE = 1.0
# Longer than clients keep a connection: who hangs up while the next request is on its way loses it.
IDLE = 75


def with_hang_up(app: ASGIApp) -> ASGIApp:
    """Let a response cut its connection: `scope["sandbox.hang_up"]`."""

    async def connected(scope: Scope, receive: Any, send: Any) -> None:
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is not None:
            scope["sandbox.hang_up"] = transport.abort
        await app(scope, receive, send)

    return connected


class Server:
    """One listening port; signals are left to the program that it runs in."""

    def __init__(self, app: ASGIApp) -> None:
        config = uvicorn.Config(
            with_hang_up(app), log_level="error", lifespan="off", timeout_keep_alive=IDLE,
            date_header=False,  # the Web API gives its own time, which need not be the machine's
        )  # fmt: skip
        config.load()
        self._uvicorn = uvicorn.Server(config)
        self._uvicorn.lifespan = config.lifespan_class(config)
        self._serving: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen (port 0 takes a free one) and return the address, `http://host:port`."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        await self._uvicorn.startup([listener])
        self._serving = asyncio.create_task(self._uvicorn.main_loop())
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 (compared, not bound)
        return f"http://{shown}:{listener.getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening and let go of every connection; what is being answered has a second for it."""
        if self._serving is None:
            return
        self._serving.cancel()
        await asyncio.gather(self._serving, return_exceptions=True)
        for server in self._uvicorn.servers:
            server.close()
        for connection in list(self._uvicorn.server_state.connections):
            connection.shutdown()
        if under_way := set(self._uvicorn.server_state.tasks):
            _, left = await asyncio.wait(under_way, timeout=GRACE)
            for task in left:
                task.cancel()


def build(sandbox: "Sandbox") -> Starlette:
    """The application of one sandbox."""
    made = cache(partial(_control, sandbox))

    async def control(scope: Scope, receive: Receive, send: Send) -> None:
        """Made when it is first asked: that takes long, and tests mostly do without."""
        await made()(scope, receive, send)

    return Starlette(
        routes=[
            Route("/", partial(_page, "index.html")),
            Route("/gallery", partial(_page, "gallery.html")),
            Route("/api/{method}", sandbox.api.answer, methods=["GET", "POST"]),
            Route("/respond/{key}", sandbox.replies.respond, methods=["POST"]),
            Route("/upload/v1/{ticket}", partial(take_upload, sandbox), methods=["POST"]),
            Route("/files-pri/{file}/{name}", partial(give_file, sandbox)),
            WebSocketRoute("/link/", sandbox.sockets.serve),
            Route("/archives/{channel}/{message}", _archives),
            Mount("/sandbox", control),
            Mount("/page", StaticFiles(directory=PAGE)),
        ]
    )


def _control(sandbox: "Sandbox") -> FastAPI:
    app = FastAPI(title="Slack sandbox", docs_url=None, redoc_url=None)
    app.include_router(page_routes(sandbox), prefix="/page")
    app.include_router(control_routes(sandbox))
    app.add_exception_handler(NotPossibleError, _not_possible)
    return app


async def _not_possible(_request: Request, error: Exception) -> Response:
    return JSONResponse({"ok": False, "error": str(error)}, 409)


async def _archives(request: Request) -> Response:
    message = request.path_params["message"]
    return RedirectResponse(f"/#/{request.path_params['channel']}/{message[1:-6]}.{message[-6:]}")


async def _page(name: str, _request: Request) -> Response:
    return FileResponse(PAGE / name)
