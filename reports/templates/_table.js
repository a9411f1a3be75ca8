"use strict";
(() => {
  const decimal = document.documentElement.dataset.decimal;
  const FEW = 20;
  const said = JSON.parse(document.getElementById("words").textContent);

  // The text of a cell as it would be written on one line.
  function words(cell) {
    const label = cell.querySelector(".label");
    return (label ?? cell).textContent.replace(/\s+/g, " ").trim();
  }

  // A number as the locale writes it, whatever stands around it; NaN where there is none.
  function number(text) {
    const [digits] = text.match(/\d.*\d|\d/) ?? [];
    if (digits === undefined) return NaN;
    const plain = [...digits].map((c) => (c === decimal ? "." : /\d/.test(c) ? c : "")).join("");
    return /[-\u2212]/.test(text.slice(0, text.indexOf(digits))) ? -plain : +plain;
  }

  function key(cell) {
    const time = cell.querySelector("time");
    if (time) return time.dateTime;
    const isNumber = cell.matches(".number, .share");
    return isNumber ? number(cell.textContent) : words(cell).toLowerCase();
  }

  function compare(a, b) {
    if (typeof a === "string") return a.localeCompare(b);
    // What is unknown comes last, whichever way.
    return a - b;
  }

  function sort(table, column, ascending) {
    const body = table.tBodies[0];
    const rows = [...body.rows].filter((row) => !row.classList.contains("pinned"));
    const pinned = [...body.rows].filter((row) => row.classList.contains("pinned"));
    const keyed = rows.map((row) => [key(row.cells[column]), row]);
    const known = keyed.filter(([value]) => !Number.isNaN(value) && value !== "");
    const unknown = keyed.filter(([value]) => Number.isNaN(value) || value === "");
    known.sort(([a], [b]) => (ascending ? compare(a, b) : compare(b, a)));
    body.append(...known.map(([, row]) => row), ...unknown.map(([, row]) => row), ...pinned);
  }

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.matches(".bar")) return; // a drawing
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const sorted = head.getAttribute("aria-sort");
        const isNumber = head.matches(".number, .share");
        const ascending = sorted ? sorted === "descending" : !isNumber;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
        sort(table, column, ascending);
      });
    });
  }

  // A spreadsheet must not read a formula where somebody typed a name, and takes all up
  // to the next quote for one cell where a text begins with a quote. It takes a number
  // for a text where its minus is not a hyphen.
  function inert(cell) {
    const text = words(cell);
    if (cell.matches("td.number, td.share")) return text.replaceAll("\u2212", "-");
    const safe = /^["'\s]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]/.test(text) ? `'${text}` : text;
    return /["\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function copied(table) {
    const rows = [...table.rows].filter((row) => !row.hidden);
    return rows.map((row) => [...row.cells].map(inert).join("\t")).join("\n");
  }

  async function copy(text, button) {
    await navigator.clipboard.writeText(text);
    const before = button.textContent;
    button.textContent = said.copied;
    setTimeout(() => (button.textContent = before), 1500);
  }

  function copier(text, label) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = said.copy;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => copy(text(), button));
    return button;
  }

  function filter(table, status) {
    const input = document.createElement("input");
    input.type = "search";
    input.placeholder = said.filter;
    input.setAttribute("aria-label", said.filterRows.replace("%s", () => words(table.caption)));
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      const rows = [...table.tBodies[0].rows];
      for (const row of rows) {
        row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
      }
      const shown = rows.filter((row) => !row.hidden).length;
      status.textContent = wanted === "" ? "" : said.rows.replace("%s", shown).replace("%s", rows.length);
    });
    return input;
  }

  for (const table of document.querySelectorAll("main .wide > table")) {
    const count = table.tBodies[0].rows.length;
    const tools = document.createElement("div");
    tools.className = "tools";
    if (count >= FEW) {
      const status = document.createElement("span");
      status.setAttribute("role", "status");
      tools.append(filter(table, status), status);
    }
    tools.append(copier(() => copied(table), said.copyTable.replace("%s", () => words(table.caption))));
    table.parentElement.before(tools);
    if (count > 1) sortable(table);
  }
  for (const block of document.querySelectorAll("pre.copyable")) {
    block.before(copier(() => block.textContent, said.copyQuery));
  }
})();
