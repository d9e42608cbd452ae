// Fetches new messages of the open room. Without it, the page works by being reloaded.
"use strict";

(() => {
  const PAUSE = 2000;
  const list = document.getElementById("messages");
  const total = document.getElementById("total");
  const empty = document.getElementById("empty");
  let last = Number(list.dataset.last);

  const isAtEnd = () =>
    window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 80;

  async function fetchNewer() {
    const address = new URL(location.pathname, location.origin);
    address.searchParams.set("after", String(last));
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (response.status === 404) {
      location.reload(); // the server was reset
      return;
    }
    if (!response.ok) return;
    const news = await response.json();
    if (news.last < last) {
      location.reload();
      return;
    }
    total.textContent = news.total;
    if (!news.html) return;
    const follow = isAtEnd();
    list.insertAdjacentHTML("beforeend", news.html);
    last = news.last;
    empty.hidden = true;
    if (follow) window.scrollTo(0, document.documentElement.scrollHeight);
  }

  async function loop() {
    try {
      if (!document.hidden) await fetchNewer();
    } catch {
      // The server is being restarted; the next try will find it.
    }
    setTimeout(loop, PAUSE);
  }

  document.getElementById("live").hidden = false;
  if (!location.hash) window.scrollTo(0, document.documentElement.scrollHeight);
  setTimeout(loop, PAUSE);
})();
