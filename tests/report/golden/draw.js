"use strict";
(() => {
  const page = JSON.parse(document.getElementById("figures").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const config = { displayModeBar: false, responsive: true };
  const said = JSON.parse(document.getElementById("words").textContent);
  const drawn = new Set();
  let theme = dark.matches ? "dark" : "light";

  // Days and months in the words of the locale; those of English are Plotly’s own.
  if (page.dates) {
    Plotly.register({ moduleType: "locale", name: page.locale, dictionary: {}, format: page.dates });
    config.locale = page.locale;
  }

  const place = (id) => document.getElementById(id);

  function figure(id) {
    const selects = place(id).closest("figure").querySelectorAll("select");
    return page.figures[id][[...selects].map((one) => one.value).join(" ")];
  }

  // All others are palest; the period that still runs is hatched.
  function colored({ data, layout }) {
    for (const trace of data) {
      if (trace.meta === "rest") trace.marker = { color: page.themes[theme].others };
      if (layout.meta !== "running") continue;
      const shape = trace.y.map((_, n) => (n === trace.y.length - 1 ? "/" : ""));
      trace.marker = { ...trace.marker, pattern: { shape, size: 5, solidity: 0.4 } };
    }
  }

  // On paper each trace is named beside where it ends, and told apart without colours:
  // by the height in the last stack, or of the last point. Names keep their distance.
  function named({ data, layout }, height) {
    const isStack = layout.barmode === "stack";
    const sums = data[0].y.map((_, n) => data.reduce((sum, trace) => sum + trace.y[n], 0));
    const top = Math.max(...(isStack ? sums : data.flatMap((trace) => trace.y)));
    let base = 0;
    const names = data.map((trace) => {
      const last = trace.y.findLast((value) => value !== null) ?? 0;
      const size = isStack ? (trace.y.at(-1) ?? 0) : last;
      base = isStack ? base + size : 0;
      return { words: text(trace.name), y: isStack ? base - size / 2 : size };
    });
    names.sort((a, b) => a.y - b.y);
    const gap = (top * 12) / (height - 50);
    let free = 0;
    for (const one of names) {
      one.y = Math.max(one.y, free);
      free = one.y + gap;
    }
    free = Math.max(top, gap * (names.length - 1));
    for (const one of names.reverse()) {
      one.y = Math.min(one.y, free);
      free = one.y - gap;
    }
    const annotations = names.map(({ words, y }) => ({
      text: escaped(words.length > 18 ? `${words.slice(0, 17)}…` : words),
      ...{ x: 1, xref: "paper", xanchor: "left", xshift: 4, y, showarrow: false },
      font: { size: 9.5 },
    }));
    return { annotations, showlegend: false, margin: { l: 8, r: 96, t: 8, b: 8 } };
  }

  function sized(drawing, paper) {
    if (!paper) return { autosize: true };
    const names = drawing.data.length > 1 ? named(drawing, paper.height) : {};
    const { xaxis } = drawing.layout;
    if (paper.width < 400 && xaxis.dtick === "M1") xaxis.dtick = "M3"; // words need room
    return { autosize: false, ...paper, ...names };
  }

  // Where the locale has the month before the day, as "Nov 6".
  const day = new Intl.DateTimeFormat(page.locale, { month: "short", day: "numeric" });
  const isMonthFirst = day.formatToParts()[0].type === "month";

  function ordered({ xaxis }) {
    if (!isMonthFirst) return;
    for (const key of ["tickformat", "hoverformat"]) {
      if (xaxis[key]) xaxis[key] = xaxis[key].replace("%-d %b", "%b %-d");
    }
  }

  function draw(id, paper) {
    const drawing = structuredClone(figure(id));
    colored(drawing);
    ordered(drawing.layout);
    const layout = {
      ...drawing.layout,
      ...sized(drawing, paper),
      template: page.themes[theme],
    };
    // The place of a legend that is there no more would stay empty.
    (paper ? Plotly.newPlot : Plotly.react)(place(id), drawing.data, layout, config);
    drawn.add(id);
  }

  // Where the marks of a trace stand: a list, or a first day and a step.
  function marks(trace) {
    if (trace.x) return trace.x;
    const first = Date.parse(trace.x0);
    return trace.y.map((_, n) => new Date(first + n * trace.dx).toISOString().slice(0, 10));
  }

  // Plotly's names are escaped for it; here they are text again.
  const text = (name) =>
    name.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  const escaped = (words) =>
    words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  // A mark in the words of the locale: a month, a day, or a name as it is.
  function naming({ xaxis }) {
    if (xaxis.type !== "date") return text;
    const size = xaxis.dtick === "M1" ? { month: "short", year: "numeric" } : { dateStyle: "medium" };
    const form = new Intl.DateTimeFormat(page.locale, { timeZone: "UTC", ...size });
    return (mark) => form.format(new Date(mark));
  }

  function cell(row, name, words, kind, scope) {
    const made = row.appendChild(document.createElement(name));
    made.textContent = words;
    if (kind) made.className = kind;
    if (scope) made.scope = scope;
  }

  function table(id) {
    const { data, layout } = figure(id);
    const made = document.createElement("table");
    const unit = layout.yaxis.title.text;
    made.createCaption().textContent = said.drawn.replace("%s", () => unit);
    const head = made.createTHead().insertRow();
    cell(head, "td", "", "");
    for (const trace of data) cell(head, "th", text(trace.name), "number", "col");
    const body = made.createTBody();
    const number = new Intl.NumberFormat(page.locale, { maximumFractionDigits: 3 });
    const named = naming(layout);
    marks(data[0]).forEach((mark, n) => {
      const row = body.insertRow();
      cell(row, "th", named(mark), "date", "row");
      for (const trace of data) {
        const value = trace.y[n];
        cell(row, "td", value === null ? "—" : number.format(value), "number");
      }
    });
    const wide = document.createElement("div");
    wide.className = "wide";
    wide.tabIndex = 0;
    wide.setAttribute("role", "region");
    const caption = document.querySelector(`[data-figure="${id}"] figcaption`).textContent;
    wide.setAttribute("aria-label", `${said.chartTable}: ${caption}`);
    wide.append(made);
    return wide;
  }

  function fill(id) {
    const details = place(id).closest("figure").querySelector("details.data");
    details.querySelector(".wide")?.remove();
    if (details.open) details.append(table(id));
  }

  function again() {
    theme = dark.matches ? "dark" : "light";
    for (const id of drawn) draw(id);
  }

  // Those in sight first; the others when there is nothing else to do.
  const waiting = new Set(Object.keys(page.figures));

  function show(id) {
    if (waiting.delete(id)) draw(id);
  }

  function idle() {
    const [next] = waiting;
    if (next === undefined) return;
    show(next);
    later(idle);
  }

  const later = window.requestIdleCallback ?? ((work) => setTimeout(work, 50));
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      show(target.id);
    }
    later(idle);
  });

  for (const id of Object.keys(page.figures)) {
    const whole = place(id).closest("figure");
    const details = whole.querySelector("details.data");
    details.hidden = false;
    details.addEventListener("toggle", () => fill(id));
    const choices = whole.querySelector(".choices");
    if (choices) choices.hidden = false;
    for (const select of whole.querySelectorAll("select")) {
      select.addEventListener("change", () => {
        draw(id);
        fill(id);
      });
    }
    seen.observe(place(id));
  }
  dark.addEventListener("change", again);
  // Paper is white, and as wide as A4 or Letter without their margins, or half of it.
  addEventListener("beforeprint", () => {
    theme = "light";
    waiting.clear();
    for (const id of Object.keys(page.figures)) {
      const isHalf = place(id).closest(".two-columns");
      draw(id, isHalf ? { width: 316, height: 145 } : { width: 660, height: 150 });
    }
  });
  addEventListener("afterprint", again);
})();
