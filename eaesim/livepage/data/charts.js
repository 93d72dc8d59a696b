"use strict";
// The pictures, drawn as SVG by Observable Plot.

const COLOURS = { treated: "#0072b2", control: "#404040", published: "#1a1a1a", soft: "#6b747d" };
const KEPT_COLOURS = ["#b34d00", "#007a58", "#7a3e9d"];
const LINE = 2.5;

// What every picture shares. Its words are read out by `label`, so its parts are hidden from readers of screens.
function drawn(place, label, options) {
  const width = Math.max(280, Math.min(720, place.clientWidth));
  const svg = Plot.plot({
    width, marginLeft: 52, marginRight: 14, style: { fontFamily: "inherit", fontSize: "13px", color: "#1d2329" }, ...options,
  });
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.querySelectorAll("[aria-label]").forEach((part) => part.removeAttribute("aria-label"));
  place.replaceChildren(svg);
}

function curveChart(place, { curve, kept, panel, published, verdicts, asked, band, label, axis }) {
  const statements = published.statements.map((one) => ({ ...one, about: aboutFindings(one.ids, verdicts) }));
  const numbers = published.numbers.map((one) => ({ ...one, about: aboutFindings([one.id], verdicts) }));
  const row = 11, top = 100 + row * (statements.length + (panel.onset === null ? 0 : 1)) + (statements.length ? 3 : 0);
  const low = Math.min(0, ...[curve, ...kept.map((one) => one.curve), band].flat().map((point) => Math.floor((point.low ?? point.effect) * 10) * 10).filter(Number.isFinite), ...numbers.map((one) => one.low ?? one.value));
  const floor = Math.max(-100, low), [first, last] = asked.range;
  const strip = statements.map((one, place) => ({ ...one, first: Math.max(one.first, asked.range[0]), y: 100 + row * (place + 1), to: one.last ?? last })).filter((one) => one.first <= last);
  const onset = panel.onset !== null && panel.onset <= last ? [panel.onset] : [];
  const isLate = (one) => one.first > (first + last) / 2;
  const shown = (points) => points.map((point) => ({ ...point, percent: 100 * point.effect }));
  drawn(place, label, {
    height: 330 + 14 * statements.length, marginTop: 22, marginBottom: 40,
    x: { domain: [first - 0.5, last + 0.5], label: axis, ticks: [-7, 0, 7, 14].filter((day) => day >= first && day <= last), tickFormat: (day) => String(day), labelAnchor: "center", labelArrow: "none" },
    y: { domain: [floor, top], label: "effect (%)", labelAnchor: "center", labelArrow: "none", ticks: [-100, -50, 0, 25, 50, 75, 100].filter((tick) => tick >= floor), clamp: true },
    marks: [
      Plot.ruleX([asked.day], { stroke: COLOURS.treated, strokeOpacity: 0.14, strokeWidth: 9, y1: floor, y2: 100 }),
      Plot.ruleY([0], { stroke: "#87919b" }),
      Plot.ruleY([100], { stroke: "#d8dde2" }),
      Plot.ruleX(onset, { stroke: COLOURS.soft, strokeDasharray: "2 3", y1: floor, y2: 100 }),
      Plot.text(onset, { x: (x) => x, y: 100, text: ["first signs"], dy: -8, fill: COLOURS.soft, fontSize: 12 }),
      Plot.areaY(band, { x: "day", y1: (d) => Math.max(floor, 100 * d.low), y2: (d) => 100 * d.high, fill: COLOURS.treated, fillOpacity: 0.14 }),
      ...kept.map((one) => Plot.line(shown(one.curve), { x: "day", y: "percent", stroke: one.colour, strokeWidth: LINE, strokeDasharray: "6 3" })),
      Plot.line(shown(curve), { x: "day", y: "percent", stroke: COLOURS.treated, strokeWidth: LINE, strokeDasharray: panel.isPrediction || asked.isOther ? "5 3" : null }),
      Plot.dot(shown(curve).filter((point) => point.day === asked.day), { x: "day", y: "percent", r: 5.5, fill: COLOURS.treated, stroke: "#fff", strokeWidth: 1.5 }),
      Plot.link(strip.filter((one) => one.to > one.first), { x1: "first", x2: "to", y1: "y", y2: "y", stroke: COLOURS.published, strokeWidth: 1.2 }),
      Plot.dot(strip, { x: "first", y: "y", symbol: (one) => (one.isProtected ? "triangle" : "square"), r: 4.5, fill: (one) => (one.isFitted ? "#fff" : COLOURS.published), stroke: COLOURS.published, title: "about" }),
      ...["start", "end"].map((textAnchor) => Plot.text(strip.filter((one) => isLate(one) === (textAnchor === "end")), { x: "first", y: "y", text: "label", textAnchor, dx: textAnchor === "end" ? -9 : 9, fontSize: 12, fill: COLOURS.published, title: "about" })),
      Plot.link(numbers.filter((one) => one.low !== null), { x1: "day", x2: "day", y1: (one) => Math.max(floor, one.low), y2: "high", stroke: COLOURS.published, strokeWidth: 1.2 }),
      Plot.dot(numbers, { x: "day", y: "value", r: 5, fill: (one) => (one.isFitted ? "#fff" : COLOURS.published), stroke: COLOURS.published, strokeWidth: 1.6, title: "about" }),
      Plot.text(numbers, { x: "day", y: "value", text: "label", textAnchor: "start", dx: 10, dy: -8, fontSize: 12, stroke: "#fff", strokeWidth: 4, fill: COLOURS.published, title: "about" }),
    ],
  });
  const svg = place.querySelector("svg");
  svg.dataset.published = [...numbers.map((one) => one.id), ...strip.flatMap((one) => one.ids)].join(" ");
}

function coursesChart(place, { lines, singles, panel, doses, label }) {
  const end = panel.until, first = Math.min(0, ...doses), inductions = [...new Set(panel.events.map((event) => event.day))];
  const most = Math.max(1, ...[...lines.map((line) => line.points), ...singles].flat().map((point) => point.score || 0));
  drawn(place, label, {
    height: 270, marginTop: 30, marginBottom: 40,
    x: { domain: [first, end], label: "day after immunisation", labelAnchor: "center", labelArrow: "none", ticks: d3.range(Math.ceil(first / 7) * 7, end + 1, panel.isRelapse ? 14 : 7) },
    y: { domain: [0, Math.ceil(most * 1.05 * 2) / 2], label: "score (0 to 5)", labelAnchor: "center", labelArrow: "none", ticks: 4 },
    marks: [
      Plot.ruleY([0], { stroke: "#87919b" }),
      Plot.ruleX(inductions, { stroke: COLOURS.soft, strokeDasharray: "2 3" }),
      Plot.text(inductions, { x: (day) => day, frameAnchor: "top", text: (day) => (day === 0 ? "immunisation" : "relapse induction"), dy: -12, dx: -4, textAnchor: "start", fill: COLOURS.soft, fontSize: 12 }),
      ...singles.map((points) => Plot.line(points, { x: "day", y: "score", curve: "step", stroke: COLOURS.treated, strokeOpacity: 0.35, strokeWidth: 1 })),
      ...lines.map((line) => Plot.line(line.points, { x: "day", y: "score", stroke: line.colour, strokeWidth: LINE, strokeDasharray: line.dash || null })),
      Plot.dot(doses, { x: (day) => day, frameAnchor: "bottom", symbol: "triangle", r: 5, fill: COLOURS.treated, dy: -6, title: (day) => `dose on day ${day}` }),
    ],
  });
}

function plasmaChart(place, { points, panel, label, axis }) {
  drawn(place, label, {
    height: 190, marginTop: 20, marginBottom: 40, marginLeft: 56,
    x: { domain: [Math.min(0, points.length ? points[0].day : 0), panel.until], label: "day after immunisation", labelAnchor: "center", labelArrow: "none" },
    y: { label: axis, labelAnchor: "center", labelArrow: "none", ticks: 4, zero: true, nice: true, tickFormat: (value) => plain(value) },
    marks: [Plot.ruleY([0], { stroke: "#87919b" }), Plot.line(points, { x: "day", y: "value", stroke: COLOURS.treated, strokeWidth: 2 })],
  });
}
