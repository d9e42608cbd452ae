"""
Draw what is sent to Teams with Microsoft's own renderer, for docs/teams.rst.

It needs Chromium and two packages of npm, in a folder of your choice::

    npm install --prefix FOLDER adaptivecards@3 markdown-it@14
    .venv/bin/python scripts/draw_teams_cards.py FOLDER docs/_static/screenshots/teams-cards.png

Look at the picture before you commit it. It fails if the renderer finds a card invalid.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings  # noqa: TID251 - an empty project, to render in
from playwright.sync_api import sync_playwright

from djhipchat2.backends.adaptive_cards import body_of
from djhipchat2.message import Message

CHROMIUM = "/usr/bin/chromium"
WIDTH = 620
CARD = {
    "style": "application",
    "id": "4711",
    "title": "Order 4711",
    "url": "https://shop.example.com/orders/4711",
    "description": {"value": "Paid by <b>card</b>, ships <i>today</i>", "format": "html"},
    "attributes": [
        {"label": "Total", "value": {"label": "99.50 €"}},
        {"label": "Customer", "value": {"label": "Ann"}},
    ],
}
TABLE = (
    "<table><tr><th>Host</th><th>Free</th></tr><tr><td>web-1</td><td>12 %</td></tr>"
    "<tr><td>web-2</td><td>71 %</td></tr></table>"
)
MESSAGES: tuple[dict[str, Any], ...] = (
    {"text": "Deploy of <b>shop 4.2</b> has <i>begun</i>"},
    {"text": "Disk of <a href='https://example.com/web-1'>web-1</a> is full", "color": "red"},
    {"text": "Backups:<ul><li>database</li><li>uploads</li></ul>", "color": "green"},
    {"text": f"Free space{TABLE}", "color": "purple"},
    {"text": "5 < 6 & *no* _markup_ [here](x)", "message_format": "text", "color": "gray"},
    {"text": "Order 4711 is paid", "card": CARD, "color": "green"},
)
#: Teams' fonts and the colours of its containers, near enough; its own are not published.
LOOKS = {
    "fontFamily": "Segoe UI, DejaVu Sans, sans-serif",
    "supportsInteractivity": True,
    "containerStyles": {
        name: {"backgroundColor": color}
        for name, color in {
            "default": "#ffffff",
            "emphasis": "#f0f0f0",
            "warning": "#fff4ce",
            "attention": "#fde7e9",
            "good": "#dff6dd",
            "accent": "#e8ebfa",
        }.items()
    },
}
PAGE = """
<!doctype html><meta charset="utf-8">
<style>body{margin:16px;background:#f5f5f5} .card{background:#fff;border:1px solid #ddd;
border-radius:6px;margin-bottom:12px} p{margin:0}</style><body></body>
"""
DRAW = """
([cards, looks]) => {
  const problems = [];
  const markdown = window.markdownit();
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdown.render(text);
    result.didProcess = true;
  };
  for (const payload of cards) {
    const context = new AdaptiveCards.SerializationContext();
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig(looks);
    card.parse(payload, context);
    for (let i = 0; i < context.eventCount; i++) problems.push(context.getEventAt(i).message);
    problems.push(...card.validateProperties().validationEvents.map(event => event.message));
    const element = card.render();
    element.classList.add("card");
    document.body.append(element);
  }
  return problems;
}
"""


def draw(modules: Path, picture: Path) -> list[str]:
    """Draw the messages' cards into a picture and return what the renderer complains of."""
    cards = [
        body_of(Message(room_id="Ops", sender="Shop", **values))["attachments"][0]["content"]
        for values in MESSAGES
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport={"width": WIDTH, "height": 100})
        page.set_content(PAGE)
        for name in ("adaptivecards/dist/adaptivecards", "markdown-it/dist/markdown-it"):
            page.add_script_tag(path=modules / "node_modules" / f"{name}.min.js")
        problems: list[str] = page.evaluate(DRAW, [json.loads(json.dumps(cards)), LOOKS])
        page.screenshot(path=picture, full_page=True)
        browser.close()
    return problems


if __name__ == "__main__":
    settings.configure()
    django.setup()
    found = draw(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(found) or f"{sys.argv[2]} is drawn.")
    sys.exit(bool(found))
