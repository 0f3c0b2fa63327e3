/* Draws the diagrams of a page with plotly, which is loaded when the first of them comes into view.
   Colours are named after the style sheet's custom properties ("--fail"), so that they follow light and dark. */
"use strict";

const plotly = new URL("plotly.min.js", document.currentScript.src);
const wishes = ["(prefers-color-scheme: dark)", "print"].map((each) => matchMedia(each));
const coarse = matchMedia("(pointer: coarse)");
const drawn = new Set();
let loading = null;

function load() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = plotly.href;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

function coloured(value, style) {
  if (Array.isArray(value)) return value.map((each) => coloured(each, style));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, coloured(each, style)]));
  }
  return typeof value === "string" && value.startsWith("--") ? style.getPropertyValue(value) || value : value;
}

/* What all traces of a kind have in common, so that no page repeats it. */
function completed(trace, layout, colors) {
  const { ticktext = [], tickvals = [] } = layout.yaxis ?? {};
  const unit = layout.xaxis?.ticksuffix ?? "";
  const lane = (at) => `<b>${ticktext[tickvals.indexOf(at)]}</b>`;
  const round = (value) => Number(value.toPrecision(4));
  if (trace.hovertext && !trace.hovertemplate) trace.hovertemplate = "%{hovertext}<extra></extra>";
  if (trace.type === "bar") trace.marker.line = { width: 0 };
  if (trace.pattern) {  // colour is not all that tells some phases apart
    const more = { fillmode: "overlay", fgcolor: layout.hoverlabel.bgcolor, fgopacity: 0.6, size: 7, solidity: 0.2 };
    trace.marker.pattern = { shape: trace.pattern, ...more };
    delete trace.pattern;
  }
  if (trace.meta === "span") {
    trace.orientation = "h";
    trace.hovertext = trace.hovertext.map((text, at) => {
      const [from, long] = [trace.base[at], trace.x[at]];
      const about = (bit) => (trace.about[at] & bit ? "about " : "");
      const when = `${about(1)}${round(from)} to ${about(2)}${round(from + long)}${unit} (${about(3)}${round(long)}${unit})`;
      return [lane(trace.y[at]), trace.name, when, text].filter(Boolean).join("<br>");
    });
    delete trace.about;
  }
  if (trace.meta === "vague") {
    trace.x = trace.x.flatMap((at) => [at, at, null]);
    trace.y = trace.y.flatMap((at) => [at - 0.31, at + 0.31, null]);
    trace.mode = "lines";
    trace.line = { color: layout.hoverlabel.bgcolor, width: 4, dash: "3px,2px" };
    trace.hoverinfo = "skip";
  }
  if (trace.meta === "mark") {
    trace.mode = "markers";
    trace.cliponaxis = false;
    trace.marker = { size: 9, line: { width: 1.5, color: trace.marker.color }, ...trace.marker };
    trace.hovertext = trace.hovertext.map((text, at) => `${lane(trace.y[at])}<br>${text}`);
  }
  if (trace.meta === "family") {
    const isZombie = trace.name === "zombies";
    trace.mode = "lines";
    trace.yaxis = "y2";
    trace.line = { shape: "hv", width: 2, color: isZombie ? colors.zombie : colors.serving };
    trace.hovertemplate = `%{y} ${trace.name}<extra></extra>`;
    if (isZombie) trace.fill = "tozeroy";
  }
  return trace;
}

/* The names of the two lines above the lanes, in the upper left corner of their picture. */
function named(colors) {
  return [["alive", colors.serving, 10], ["zombies", colors.zombie, 50]].map(([text, color, xshift]) => ({
    text, xshift, font: { color, size: 12 }, x: 0, y: 1, xref: "paper", yref: "paper",
    xanchor: "left", yanchor: "top", showarrow: false,
  }));
}

async function draw(canvas) {
  const style = getComputedStyle(document.documentElement);
  const figure = coloured(JSON.parse(canvas.parentElement.querySelector("script").textContent), style);
  const of = (name) => style.getPropertyValue(`--${name}`);
  const [text, line, paper] = ["text", "line", "paper"].map(of);
  const colors = { serving: of("serving"), zombie: of("zombie") };
  const axis = { gridcolor: line, linecolor: line, zeroline: false, automargin: true };
  const layout = {
    margin: { l: 8, r: 8, t: 8, b: 8 },
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: text },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    hoverlabel: { bgcolor: paper, bordercolor: text, font: { color: text }, align: "left" },
    hovermode: "closest",
    dragmode: coarse.matches ? false : "zoom",
    showlegend: false,
    barmode: "overlay",
    bargap: 0,
    ...figure.layout,
  };
  for (const name of new Set(["xaxis", "yaxis", ...Object.keys(layout).filter((key) => /^[xy]axis/.test(key))])) {
    layout[name] = { ...axis, ...layout[name] };
  }
  if (layout.yaxis2) {
    Object.assign(layout.yaxis2, { nticks: 4, fixedrange: true, title: { text: "processes", font: { size: 11 } } });
    layout.annotations = named(colors);
  }
  const data = figure.data.map((trace) => completed(trace, layout, colors));
  await load();
  canvas.querySelector(".words")?.remove();
  await window.Plotly.react(canvas, data, layout, { displayModeBar: false, responsive: true });
  drawn.add(canvas);
}

const begun = new Set();
function begin(canvas) {
  if (begun.has(canvas)) return;
  begun.add(canvas);
  draw(canvas).catch(() => {});  // without plotly beside the page its words stay
}

const canvases = document.querySelectorAll("[data-plotly]");
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) begin(entry.target);
}, { rootMargin: "200px" });
for (const canvas of canvases) seen.observe(canvas);

/* The rest of what is open is drawn when there is time: it may be printed unseen. */
async function rest() {
  const idle = window.requestIdleCallback ?? setTimeout;
  for (const canvas of canvases) {
    await new Promise((done) => idle(done));
    if (canvas.checkVisibility()) begin(canvas);
  }
}
addEventListener("load", rest);
for (const wish of wishes) wish.addEventListener("change", () => drawn.forEach(draw));

/* Paper shows what is folded; afterwards it is as it was. */
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details.failure:not([open])")];
  for (const each of folded) each.open = true;
});
addEventListener("afterprint", () => { for (const each of folded) each.open = false; });
