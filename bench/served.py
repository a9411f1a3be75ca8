"""A tenant's runs, of which each page is made before the first request.

To answer takes no more than to write a page, so that whoever asks is not kept waiting
by a server that shares the machine.
"""

import socketserver
from datetime import datetime
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import msgspec

from pipeline.sandbox import World
from pipeline.sandbox.api.routes import Api
from pipeline.sandbox.api.tenant_options import Options

_PAGE = 200


class Pages:
    """The pages of runs of *automations*, by path; each leads to the next one."""

    def __init__(self, world: World, url: str, key: str) -> None:
        self.rows = 0
        self.by_path: dict[str, list[bytes]] = {}
        api, headers = Api(world, Options(api_key=key), url), {"Authorization": ""}
        headers["Authorization"] = f"Bearer {key}"
        for one in world.listed_automations():
            path = f"/api/workflows/automations/{one.id}/runs"
            pages = self.by_path[path] = []
            target: str | None = f"{path}?limit={_PAGE}&sort=-startTime"
            while target:
                answer = api.answer("GET", target, headers, b"")
                page: dict[str, Any] = msgspec.json.decode(answer.body)
                self.rows += len(page["data"])
                following = (page["links"].get("next") or {}).get("href")
                target = following.removeprefix(url) if following else None
                href = f"{url}{path}?page={len(pages) + 1}" if target else None
                page["links"] = {"next": {"href": href}}
                pages.append(msgspec.json.encode(page))


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: "Server"

    def handle(self) -> None:
        while line := self.rfile.readline().decode():
            while self.rfile.readline().strip():
                pass
            path, _, query = line.split()[1].partition("?")
            number = int(parse_qs(query).get("page", ["0"])[0])
            body = self.server.pages.by_path[path][number]
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            self.wfile.write(head.encode() + body)


class Server(socketserver.ThreadingTCPServer):
    """Serves pages on loopback."""

    daemon_threads = True
    pages: Pages


def serve(end: Connection, now: datetime, automations: int, key: str) -> None:
    """Serve the runs of so many *automations*, until *end* is sent something.

    What is sent to it at first is the URL, and the ids of the automations.
    """
    world = World(now=now, forgets=False, automations=automations)
    with Server(("127.0.0.1", 0), _Handler) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        server.pages = Pages(world, url, key)
        end.send((url, [one.id for one in world.listed_automations()]))
        Thread(target=server.serve_forever, daemon=True).start()
        end.recv()
        server.shutdown()
