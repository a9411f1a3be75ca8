"use strict";
(() => {
  const MOST = 50;
  const place = (id) => document.getElementById(id);
  const ask = place("ask");
  const field = place("query");
  const count = place("count");
  const found = place("found");
  const body = found.querySelector("tbody");
  const heads = [...found.querySelectorAll("th")];
  let entries;
  let waiting;

  // Without accents and in small letters, so that "gross" finds "Groß".
  const plain = (text) =>
    text.toUpperCase().toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").trim();

  function all() {
    entries ??= [...document.querySelectorAll("table.names[data-kind] > tbody > tr")].map((row) => [
      plain(row.cells[0].textContent),
      row,
    ]);
    return entries;
  }

  // What begins with the words comes first, then where a word does.
  function rank(name, wanted) {
    if (name.startsWith(wanted)) return 0;
    return name.includes(` ${wanted}`) ? 1 : 2;
  }

  function matching(text) {
    const wanted = plain(text);
    const words = wanted.split(/\s+/);
    const ranked = all()
      .filter(([name]) => words.every((word) => name.includes(word)))
      .map(([name, row]) => [rank(name, wanted), row]);
    return ranked.sort(([a], [b]) => a - b).map(([, row]) => row);
  }

  const named = (head) => head.className || "name";

  // A copy of a row under the heads of what was found: some kinds have fewer cells.
  function copied(row) {
    const table = row.closest("table");
    const own = [...table.tHead.rows[0].cells].map(named);
    const made = document.createElement("tr");
    for (const head of heads) {
      const cell = row.cells[own.indexOf(named(head))];
      made.append(cell ? cell.cloneNode(true) : document.createElement("td"));
    }
    const kind = document.createElement("small");
    kind.textContent = table.dataset.kind;
    made.cells[0].append(" ", kind);
    return made;
  }

  function show(rows) {
    body.replaceChildren(...rows.slice(0, MOST).map(copied));
    found.hidden = rows.length === 0;
  }

  function find() {
    const text = field.value.trim();
    const rows = text === "" ? [] : matching(text);
    show(rows);
    const { found: few, most, none } = count.dataset;
    if (text === "") count.textContent = "";
    else if (rows.length === 0) count.textContent = none;
    else if (rows.length <= MOST) count.textContent = few.replace("%s", rows.length);
    else count.textContent = most.replace("%s", rows.length).replace("%s", MOST);
  }

  // The address says what was searched for, so that it can be sent to somebody.
  function note() {
    const text = field.value.trim();
    history.replaceState(null, "", text === "" ? "#" : `#q=${encodeURIComponent(text)}`);
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  function follow() {
    const target = location.hash.slice(1);
    if (target.startsWith("q=")) {
      field.value = decoded(target.slice(2));
      find();
      return;
    }
    const row = place(target);
    if (row?.matches(".names tr")) {
      field.value = "";
      show([row]);
      count.textContent = "";
      scrollTo(0, 0);
    } else if (/^[acos][a-z2-7]{8}$/.test(target)) {
      count.textContent = count.dataset.missing;
    }
  }

  ask.hidden = false;
  field.addEventListener("input", () => {
    find();
    clearTimeout(waiting);
    waiting = setTimeout(note, 300);
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.activeElement.matches("input, select, textarea")) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
  addEventListener("hashchange", follow);
  follow();
  if (location.hash === "" && matchMedia("(pointer: fine)").matches) field.focus();
})();
