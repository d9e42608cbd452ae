// Shows and asks for times in the browser's zone. Without it they are in the site's, and say so.
"use strict";

window.hipchatShowTimes = (root) => {
  const format = new Intl.DateTimeFormat("en", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  });
  for (const time of root.querySelectorAll("time[data-hipchat-zone='site']")) {
    const part = {};
    for (const { type, value } of format.formatToParts(new Date(time.dateTime))) part[type] = value;
    const day = `${part.year}-${part.month}-${part.day}`;
    const clock = `${part.hour}:${part.minute}`;
    const exact = `${day} ${clock}:${part.second} ${part.timeZoneName}`;
    if (time.classList.contains("hipchat-clock")) time.textContent = clock;
    else if (time.textContent === time.title) time.textContent = exact;
    time.title = exact;
    time.dataset.hipchatZone = "browser";
  }
};

document.addEventListener("DOMContentLoaded", () => {
  window.hipchatShowTimes(document);
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) return;
  for (const link of document.querySelectorAll("a[data-hipchat-zone='site']")) {
    const address = new URL(link.href);
    address.searchParams.set("written_zone", zone);
    link.href = address.href;
  }
  for (const form of document.querySelectorAll("form[data-hipchat-zone='site']")) {
    form.elements.written_zone.value = zone;
    form.querySelector(".hipchat-note bdi").textContent = zone;
  }
});
