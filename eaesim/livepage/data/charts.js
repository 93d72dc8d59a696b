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
  const windows = panel.isAttack && asked.isOfIvig ? panel.windows.map((one) => ({ ...one, isWindow: true })) : [];
  const [first, last] = asked.range, rows = [...statements, ...windows];
  const values = [curve, ...kept.map((one) => one.curve)].flat().map((point) => 100 * point.value).filter(Number.isFinite);
  const low = Math.min(0, ...values.map((value) => Math.floor(value / 10) * 10), ...band.map((one) => Math.floor(one.low * 10) * 10), ...numbers.map((one) => one.low ?? one.value));
  const whole = panel.isAttack ? Math.max(100, ...values.map((value) => Math.ceil(value / 10 - 1e-9) * 10)) : 100;
  const onset = panel.onset !== null && asked.start === "day" && panel.onset <= last ? [panel.onset] : [];
  const row = windows.length ? 15 : 11, top = whole + row * (rows.length + onset.length) + (rows.length ? 3 : 0), floor = Math.max(-100, low);
  const strip = rows.map((one, place) => ({ ...one, first: Math.max(one.first, first), y: whole + row * (place + 1), to: Math.min(one.last ?? last, last) })).filter((one) => one.first <= last);
  const isLate = (one) => one.first > (first + last) / 2;
  const shown = (points) => points.map((point) => ({ ...point, percent: 100 * point.value }));
  const step = last - first > 40 ? 14 : 7;
  const seen = panel.isAttack ? [{ from: panel.seen[0], to: Math.min(panel.seen[2], last) }] : [];
  drawn(place, label, {
    height: 330 + (windows.length ? 20 : 14) * rows.length, marginTop: 22, marginBottom: 40,
    x: { domain: [first - 0.5, last + 0.5], label: axis, ticks: d3.range(Math.ceil(first / step) * step, last + 1, step), tickFormat: (day) => String(day), labelAnchor: "center", labelArrow: "none" },
    y: { domain: [floor, top], label: { left: "relapses left (%)", protected: "protected (%)" }[asked.on] || "effect (%)", labelAnchor: "center", labelArrow: "none", ticks: [-100, -50, 0, 25, 50, 75, 100].filter((tick) => tick >= floor), clamp: true },
    marks: [
      Plot.rect(seen, { x1: "from", x2: "to", y1: 0, y2: whole, fill: "#ececec" }),
      Plot.text(seen, { x: "to", y: 0, text: ["relapses\nseen"], textAnchor: "end", lineAnchor: "bottom", dx: -3, dy: -4, fill: COLOURS.soft, fontSize: 12 }),
      Plot.ruleX([asked.day], { stroke: COLOURS.treated, strokeOpacity: 0.14, strokeWidth: 9, y1: floor, y2: whole }),
      Plot.ruleY([0], { stroke: "#87919b" }),
      Plot.ruleY([100], { stroke: "#d8dde2" }),
      Plot.ruleX(onset, { stroke: COLOURS.soft, strokeDasharray: "2 3", y1: floor, y2: 100 }),
      Plot.text(onset, { x: (x) => x, y: 100, text: ["first signs"], dy: -8, fill: COLOURS.soft, fontSize: 12 }),
      Plot.areaY(band, { x: "day", y1: (d) => Math.max(floor, 100 * d.low), y2: (d) => Math.min(whole, 100 * d.high), fill: COLOURS.treated, fillOpacity: 0.14 }),
      ...kept.map((one) => Plot.line(shown(one.curve), { x: "day", y: "percent", stroke: one.colour, strokeWidth: LINE, strokeDasharray: "6 3" })),
      Plot.line(shown(curve), { x: "day", y: "percent", stroke: COLOURS.treated, strokeWidth: LINE, strokeDasharray: asked.isDashed ? "5 3" : null }),
      Plot.dot(shown(curve).filter((point) => point.day === asked.day), { x: "day", y: "percent", r: 5.5, fill: COLOURS.treated, stroke: "#fff", strokeWidth: 1.5 }),
      Plot.link(strip.filter((one) => one.to > one.first), { x1: "first", x2: "to", y1: "y", y2: "y", stroke: COLOURS.published, strokeWidth: (one) => (one.isWindow ? 3 : 1.2) }),
      Plot.dot(strip.filter((one) => !one.isWindow), { x: "first", y: "y", symbol: (one) => (one.isProtected ? "triangle" : "square"), r: 4.5, fill: (one) => (one.isFitted ? "#fff" : COLOURS.published), stroke: COLOURS.published, title: "about" }),
      ...["start", "end"].map((textAnchor) => Plot.text(strip.filter((one) => !one.isWindow && isLate(one) === (textAnchor === "end")), { x: "first", y: "y", text: "label", textAnchor, dx: textAnchor === "end" ? -9 : 9, fontSize: 12, fill: COLOURS.published, title: "about" })),
      Plot.text(strip.filter((one) => one.isWindow), { x: "to", y: "y", text: "label", textAnchor: "end", dy: -9, fontSize: 12, fill: COLOURS.published }),
      Plot.link(numbers.filter((one) => one.low !== null), { x1: "day", x2: "day", y1: (one) => Math.max(floor, one.low), y2: "high", stroke: COLOURS.published, strokeWidth: 1.2 }),
      Plot.dot(numbers, { x: "day", y: "value", r: 5, fill: (one) => (one.isFitted ? "#fff" : COLOURS.published), stroke: COLOURS.published, strokeWidth: 1.6, title: "about" }),
      Plot.text(numbers, { x: "day", y: "value", text: "label", textAnchor: "start", dx: 10, dy: -8, fontSize: 12, stroke: "#fff", strokeWidth: 4, fill: COLOURS.published, title: "about" }),
    ],
  });
  const svg = place.querySelector("svg");
  svg.dataset.published = [...numbers.map((one) => one.id), ...statements.flatMap((one) => one.ids)].join(" ");
}

// The days of a panel as they are shown: those of a patient count from the attack.
const dayOf = (panel) => (panel.isAttack ? (day) => day - panel.origin : (day) => day);
const dayAxis = (panel) => `day after ${panel.isAttack ? "the attack" : "immunisation"}`;

function coursesChart(place, { lines, singles, panel, doses, label }) {
  const shown = dayOf(panel), first = Math.min(0, ...doses.map(shown), ...(panel.isAttack ? [-14] : [])), end = shown(panel.until);
  const marks = panel.isAttack ? [[0, "attack"]] : [...new Set(panel.events.map((event) => event.day))].map((day) => [day, day === 0 ? "immunisation" : "relapse induction"]);
  const most = Math.max(1, ...[...lines.map((line) => line.points), ...singles].flat().map((point) => point.score || 0));
  const within = (points) => points.map((point) => ({ ...point, day: shown(point.day) })).filter((point) => point.day >= first);
  drawn(place, label, {
    height: 270, marginTop: 30, marginBottom: 40,
    x: { domain: [first, end], label: dayAxis(panel), labelAnchor: "center", labelArrow: "none", ticks: d3.range(Math.ceil(first / 7) * 7, end + 1, end - first > 50 ? 14 : 7) },
    y: { domain: [0, Math.ceil(most * 1.05 * 2) / 2], label: panel.isAttack ? "EDSS (0 to 10)" : "score (0 to 5)", labelAnchor: "center", labelArrow: "none", ticks: 4 },
    marks: [
      Plot.ruleY([0], { stroke: "#87919b" }),
      Plot.ruleX(marks, { x: (one) => one[0], stroke: COLOURS.soft, strokeDasharray: "2 3" }),
      Plot.text(marks, { x: (one) => one[0], frameAnchor: "top", text: (one) => one[1], dy: -12, dx: -4, textAnchor: "start", fill: COLOURS.soft, fontSize: 12 }),
      ...singles.map((points) => Plot.line(within(points), { x: "day", y: "score", curve: panel.isAttack ? "linear" : "step", stroke: COLOURS.treated, strokeOpacity: 0.35, strokeWidth: 1 })),
      ...lines.map((line) => Plot.line(within(line.points), { x: "day", y: "score", stroke: line.colour, strokeWidth: LINE, strokeDasharray: line.dash || null })),
      Plot.dot(doses, { x: shown, frameAnchor: "bottom", symbol: "triangle", r: 5, fill: COLOURS.treated, dy: -6, title: (day) => `dose on day ${shown(day)}` }),
    ],
  });
}

function plasmaChart(place, { points, panel, label, axis }) {
  const shown = dayOf(panel), mine = points.map((point) => ({ ...point, day: shown(point.day) })), first = Math.min(0, mine.length && !panel.isAttack ? mine[0].day : 0);
  const from = panel.isAttack ? Math.min(-14, ...mine.filter((point) => point.value > 0).slice(0, 1).map((point) => point.day)) : first;
  drawn(place, label, {
    height: 190, marginTop: 20, marginBottom: 40, marginLeft: 56,
    x: { domain: [from, shown(panel.until)], label: dayAxis(panel), labelAnchor: "center", labelArrow: "none" },
    y: { label: axis, labelAnchor: "center", labelArrow: "none", ticks: 4, zero: true, nice: true, tickFormat: (value) => plain(value) },
    marks: [Plot.ruleY([0], { stroke: "#87919b" }), Plot.line(mine.filter((point) => point.day >= from), { x: "day", y: "value", stroke: COLOURS.treated, strokeWidth: 2 })],
  });
}
