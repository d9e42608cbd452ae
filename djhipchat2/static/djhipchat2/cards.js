// A list whose rows are laid out as cards stays a table for whoever has it read out: some browsers
// take only what is laid out as a table for one. Without this, most of them read it as one anyway.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const ROLES = {
    "thead, tbody": "rowgroup",
    tr: "row",
    "thead th": "columnheader",
    "tbody th": "rowheader",
    td: "cell",
  };

  const table = document.getElementById("result_list");
  if (!table) return;
  table.setAttribute("role", "table");
  for (const [parts, role] of Object.entries(ROLES)) {
    for (const part of table.querySelectorAll(parts)) part.setAttribute("role", role);
  }
});
