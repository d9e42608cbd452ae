// Keeps an open transcript up to date. Without it, the page is up to date when it is loaded.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const PAUSE = 3000;
  const frame = document.querySelector("[data-hipchat-since]");
  if (!frame) return;
  const wall = frame.querySelector("ol");

  // New messages are added and changed ones replaced, so that readers keep their place.
  const update = (html) => {
    const fresh = document.createElement("ol");
    fresh.innerHTML = html;
    window.hipchatShowTimes(fresh);
    for (const line of [...fresh.children]) {
      const known = document.getElementById(line.id);
      if (!known) {
        wall.append(line);
      } else if (known.outerHTML !== line.outerHTML && !known.contains(document.activeElement)) {
        known.replaceWith(line);
      }
    }
    if (wall.children.length) document.getElementById("hipchat-empty")?.remove();
  };

  const look = async () => {
    try {
      if (!document.hidden) {
        const url = new URL(location.href);
        url.search = "";
        url.searchParams.set("since", frame.dataset.hipchatSince);
        const response = await fetch(url, { headers: { Accept: "application/json" } });
        if (response.ok) update((await response.json()).html);
      }
    } catch {
      // The site is being restarted, or the log-in is over; the next look will tell.
    }
    setTimeout(look, PAUSE);
  };

  document.getElementById("hipchat-live").hidden = false;
  setTimeout(look, PAUSE);
});
