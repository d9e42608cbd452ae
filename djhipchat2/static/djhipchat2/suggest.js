// Suggests names of rooms while one is typed. Without it, the name is typed in full.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const PAUSE = 150;

  for (const input of document.querySelectorAll("[data-hipchat-suggest]")) {
    const address = input.dataset.hipchatSuggest;
    if (!address) continue;
    const list = document.createElement("datalist");
    list.id = `${input.id}-suggestions`;
    input.after(list);
    input.setAttribute("list", list.id);
    let timer = 0;

    const suggest = async () => {
      const url = new URL(address, location.href);
      url.searchParams.set("q", input.value);
      try {
        const response = await fetch(url, { headers: { Accept: "application/json" } });
        if (!response.ok) return;
        const { names } = await response.json();
        list.replaceChildren(
          ...names.map((name) => {
            const option = document.createElement("option");
            option.value = name;
            return option;
          }),
        );
      } catch {
        // Typed in full it works, too.
      }
    };

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(suggest, PAUSE);
    });
    input.addEventListener("focus", suggest, { once: true });
  }
});
