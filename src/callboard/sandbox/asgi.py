"""The web application: Web API, Socket Mode, response_urls, the control API and the page."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from callboard.sandbox.control import control_routes
from callboard.sandbox.desk import PAGE, desk_routes
from callboard.sandbox.errors import NotPossibleError, SlackError
from callboard.sandbox.standin import StandIn


def build(sandbox: StandIn) -> FastAPI:
    """The application of one sandbox."""
    app = FastAPI(title="Slack sandbox", docs_url="/sandbox/docs", openapi_url="/sandbox/openapi.json")
    app.add_api_route("/api/{method}", _api(sandbox), methods=["GET", "POST"], include_in_schema=False)
    app.add_api_route("/respond/{key}", _respond(sandbox), methods=["POST"], include_in_schema=False)
    app.add_api_websocket_route("/link/", _link(sandbox))
    app.include_router(control_routes(sandbox), prefix="/sandbox")
    app.include_router(desk_routes(sandbox), prefix="/sandbox/page")
    app.add_exception_handler(NotPossibleError, _not_possible)
    app.add_api_route("/archives/{channel}/{message}", _archives, include_in_schema=False)
    app.mount("/page", StaticFiles(directory=PAGE))
    app.add_api_route("/", _index, include_in_schema=False)
    return app


def _api(sandbox: StandIn) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return await sandbox.api(request)

    return answer


def _link(sandbox: StandIn) -> Callable[[WebSocket], Awaitable[None]]:
    async def link(websocket: WebSocket) -> None:
        await sandbox.sockets.serve(websocket)

    return link


def _respond(sandbox: StandIn) -> Callable[[str, Request], Awaitable[Response]]:
    async def respond(key: str, request: Request) -> Response:
        payload = await request.json()
        entry = sandbox.record.add("request", "response_url", payload)
        try:
            sandbox.replies.use(key, payload)
        except SlackError as error:
            entry["answer"] = {"ok": False, "error": error.code, "messages": error.messages}
            status = 404 if error.code in {"expired_url", "used_url"} else 400
            return JSONResponse({"ok": False, "error": error.code}, status)
        entry["answer"] = {"ok": True}
        sandbox.record.stir()
        return Response("ok")

    return respond


async def _not_possible(_request: Request, error: Exception) -> Response:
    return JSONResponse({"ok": False, "error": str(error)}, 409)


async def _archives(channel: str, message: str) -> Response:
    ts = f"{message[1:-6]}.{message[-6:]}"
    return RedirectResponse(f"/#/{channel}/{ts}")


async def _index() -> Response:
    return FileResponse(PAGE / "index.html")
