"use strict";
(() => {
  const page = JSON.parse(document.getElementById("figures").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const config = { displayModeBar: false, responsive: true };

  function draw(theme, width) {
    for (const [id, figure] of Object.entries(page.figures)) {
      const { data, layout } = structuredClone(figure);
      const size = width ? { autosize: false, width, height: 220 } : { autosize: true };
      const template = page.themes[theme];
      Plotly.react(id, data, { ...layout, ...size, template }, config);
    }
  }

  function show() {
    draw(dark.matches ? "dark" : "light");
  }

  show();
  dark.addEventListener("change", show);
  // Paper is white, and as wide as A4 or Letter without their margins.
  addEventListener("beforeprint", () => draw("light", 660));
  addEventListener("afterprint", show);
})();
