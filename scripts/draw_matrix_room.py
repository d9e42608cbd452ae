"""
Draw messages as Hydrogen, a Matrix client of Element's makers, shows them: for docs/matrix.rst.

It needs Synapse (``scripts/synapse start FOLDER``), Chromium and packages of npm, in a folder of
your choice::

    npm install --prefix FOLDER hydrogen-view-sdk@0.3.1 @matrix-org/olm@3 vite@8
    .venv/bin/python scripts/draw_matrix_room.py FOLDER docs/_static/screenshots/matrix-room.png

Look at the picture before you commit it.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import django
from django.conf import settings  # noqa: TID251 - an empty project, to deliver in
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CHROMIUM = "/usr/bin/chromium"
SIZE = {"width": 700, "height": 1060}
TABLE = (
    "<table><tr><th>Host</th><th>Free</th></tr><tr><td>web-1</td><td>12 %</td></tr>"
    "<tr><td>web-2</td><td>71 %</td></tr></table>"
)
CARD = {
    "style": "application",
    "id": "4711",
    "title": "Order 4711",
    "url": "https://shop.example.com/orders/4711",
    "description": {"value": "Paid by <b>card</b>, ships <i>today</i>", "format": "html"},
    "attributes": [{"label": "Total", "value": {"label": "99.50 €"}}],
}
MESSAGES: tuple[dict[str, Any], ...] = (
    {"text": "<b>Deployed</b> 2.0 in 41 s. <a href='https://example.com/'>Changes</a>"},
    {"text": "Disk of <code>db1</code> is <i>91 %</i> full.", "color": "red", "notify": True},
    {"text": "Backups:<ul><li>database</li><li>uploads &amp; mail</li></ul>", "color": "green"},
    {"text": f"Free space{TABLE}", "color": "purple"},
    {"text": "5 < 6 & *no* _markup_\n  (success)", "message_format": "text", "color": "gray"},
    {"text": "<pre>Traceback:\n  File 'shop.py', line 4</pre>", "color": "red"},
    {"text": "Order 4711 is paid", "card": CARD, "color": "green"},
)
PAGE = '<!doctype html><meta charset="utf-8"><style>html,body{margin:0;height:100%}</style>'
PAGE += '<body><div id="app" class="hydrogen" style="height:100%"></div>'
PAGE += '<script type="module" src="main.js"></script></body>'
PROGRAM = """
import { Platform, Client, LoadStatus, createNavigation, createRouter, RoomViewModel, TimelineView,
  viewClassForTile, FeatureSet } from "hydrogen-view-sdk";
import downloadSandbox from "hydrogen-view-sdk/download-sandbox.html?url";
import worker from "hydrogen-view-sdk/main.js?url";
import wasm from "@matrix-org/olm/olm.wasm?url";
import wasmBundle from "@matrix-org/olm/olm.js?url";
import legacyBundle from "@matrix-org/olm/olm_legacy.js?url";
import "hydrogen-view-sdk/assets/theme-element-light.css";

window.show = async (homeserver, user, password, roomId) => {
  const container = document.querySelector("#app");
  const olm = { wasm, wasmBundle, legacyBundle };
  const assetPaths = { downloadSandbox, worker, olm, serviceWorker: "sw.js" };
  const platform = new Platform({ container, assetPaths, config: {}, options: {} });
  const navigation = createNavigation();
  platform.setNavigation(navigation);
  await platform.init();
  const urlRouter = createRouter({ navigation, history: platform.history });
  urlRouter.attach();
  const client = new Client(platform);
  const login = await client.queryLogin(homeserver).result;
  client.startWithLogin(login.password(user, password));
  await client.loadStatus.waitFor(
    status => [LoadStatus.Ready, LoadStatus.Error, LoadStatus.LoginFailed].includes(status),
  ).promise;
  const { session, loginFailure, loadError } = client;
  if (!session) throw new Error(loginFailure || loadError);
  const features = await FeatureSet.load(platform.settingsStorage);
  const model = new RoomViewModel({ room: session.rooms.get(roomId), ownUserId: session.userId,
    platform, urlRouter, navigation, features });
  await model.load();
  container.append(new TimelineView(model.timelineViewModel, viewClassForTile).mount());
};
"""


def build(folder: Path) -> Path:
    """Build the client and return the folder of its pages."""
    (folder / "index.html").write_text(PAGE)
    (folder / "main.js").write_text(PROGRAM)
    (folder / "public").mkdir(exist_ok=True)
    shutil.copy(folder / "node_modules/hydrogen-view-sdk/lib-build/sw.js", folder / "public")
    subprocess.run(["npx", "vite", "build", "--logLevel", "warn"], cwd=folder, check=True)
    return folder / "dist"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine."""
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def draw(folder: Path, picture: Path) -> None:
    """Deliver the messages to a room of Synapse's and draw it. Raise if one is not taken."""
    # These need Django's settings.
    from djhipchat2.backends.matrix import HipChatBackend  # noqa: PLC0415
    from djhipchat2.message import Message  # noqa: PLC0415
    from tests import matrix_server  # noqa: PLC0415

    reader, bot = matrix_server.register("reader"), matrix_server.register("hipchat")
    room = reader.create_room(public=True)
    name = {"displayname": "HipChat bot"}
    bot.ask("PUT", f"/_matrix/client/v3/profile/{bot.user_id}/displayname", name)
    backend = HipChatBackend(alias="matrix", homeserver=matrix_server.URL, token=bot.token)
    for values in MESSAGES:
        result = backend.deliver(Message(room_id=room.alias, sender="Shop", **values))
        if result.error:
            raise SystemExit(result.error)
    with served(build(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport=SIZE)
        page.goto(address)
        page.wait_for_function("() => Boolean(window.show)")
        known = [matrix_server.URL, reader.user_id, matrix_server.PASSWORD, room.room_id]
        page.evaluate("known => window.show(...known)", known)
        page.get_by_text("Order 4711").wait_for()
        page.wait_for_timeout(1000)  # pictures of users come in late
        page.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    settings.configure()
    django.setup()
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
    print(f"{sys.argv[2]} is drawn.")
