"use strict";
// State, controls, workers and downloads of the page.

const page = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const MOST_KEPT = 3, MOST_SINGLES = 20, REGIMEN = ["dose", "times", "every", "over", "route"];
const asked = {};
const answers = new Map();
const kept = [];
let number = 0, pending = null, redraw = 0, shownRows = [], shownCourses = "";

const subject = () => page.subjects[asked.subject];
const panel = () => subject().panels[asked.panel];
const treatment = () => subject().treatments[asked.treatment];
const drug = () => page.drugs[treatment().drug];
const schedule = () => Object.fromEntries(REGIMEN.map((name) => [name, asked[name]]));
const days = () => d3.range(page.days[0], page.days[1] + 1);
const key = () => JSON.stringify([asked.subject, asked.panel, asked.treatment, schedule()]);
// Published findings are on IVIG.
const publishedOf = () => (treatment().drug === "ivig" ? panel().published[asked.on] : { numbers: [], statements: [] });
const verdictsOf = () => (isOpening() && !panel().isRelapse ? treatment().verdicts : {});
const isOpening = () => REGIMEN.every((name) => asked[name] === drug().opening[name]);

// Workers: each has a slice of the animals.
const address = URL.createObjectURL(new Blob([at("engine").textContent], { type: "text/javascript" }));
const count = Math.max(1, Math.min(4, navigator.hardwareConcurrency || 2, page.animals));
const workers = d3.range(count).map((place) => {
  const worker = new Worker(address), ends = [place, place + 1].map((each) => Math.round((each * page.animals) / count));
  worker.postMessage({ page, slice: ends });
  worker.onmessage = ({ data }) => collect(data);
  worker.onerror = (event) => say("fault", `The simulation stopped: ${event.message}`);
  return worker;
});

function ask() {
  const name = key();
  if (!answers.has(name)) answers.set(name, new Map());
  if (answers.size > 40) answers.delete(answers.keys().next().value);
  const known = answers.get(name);
  const others = days().filter((day) => day !== asked.day && !known.has(day)).sort((one, other) => Math.abs(one - asked.day) - Math.abs(other - asked.day));
  const first = known.get(asked.day)?.courses ? [] : [asked.day];
  pending = { number: ++number, name, parts: new Map() };
  setComplete(false);
  const left = [...first, ...others];
  if (left.length) workers.forEach((worker) => worker.postMessage({ number, ...asked, schedule: schedule(), days: left, withCourses: first.length > 0 }));
  show();
}

function collect({ number: of, place, day, answer }) {
  if (of !== number) return;
  const parts = pending.parts.get(day) || [];
  parts.push({ place, answer });
  pending.parts.set(day, parts);
  if (parts.length < workers.length) return;
  parts.sort((one, other) => one.place - other.place);
  answers.get(pending.name).set(day, merged(parts.map((part) => part.answer)));
  pending.parts.delete(day);
  if (day === asked.day) show();
  else if (!redraw) redraw = requestAnimationFrame(() => { redraw = 0; show(); });
}

function merged(parts) {
  const arms = {};
  for (const arm of Object.keys(parts[0].arms)) {
    arms[arm] = {};
    for (const name of Object.keys(parts[0].arms[arm])) arms[arm][name] = parts.flatMap((part) => Array.from(part.arms[arm][name]));
  }
  const found = { arms };
  if (parts[0].courses) {
    found.courses = {};
    for (const arm of Object.keys(parts[0].courses)) {
      const sum = (name) => d3.transpose(parts.map((part) => Array.from(part.courses[arm][name]))).map((each) => d3.sum(each));
      const score = sum("score"), alive = sum("alive");
      found.courses[arm] = score.map((total, day) => ({ day, score: alive[day] ? total / alive[day] : NaN }));
    }
    found.singles = parts.flatMap((part) => part.courses.treated.first).slice(0, MOST_SINGLES);
    const animals = d3.sum(parts, (part) => part.plasma.animals);
    const totals = d3.transpose(parts.map((part) => Array.from(part.plasma.total))).map((each) => d3.sum(each));
    found.plasma = totals.map((total, place) => ({ day: parts[0].plasma.times[place], value: total / animals }));
  }
  return found;
}

function curveOf(name = key(), on = asked.on, one = panel()) {
  const known = answers.get(name) || new Map();
  return days().filter((day) => known.has(day)).map((day) => ({ day, ...effectOf(known.get(day), on, one) }));
}

function intervalsOf() {
  return isOpening() ? panel().intervals[asked.treatment][asked.on].filter((row) => row.low !== null && row.high > row.low) : [];
}

function show() {
  const now = answers.get(key())?.get(asked.day), one = panel(), mine = treatment(), own = drug();
  writeAddress();
  at("day-words").textContent = `${asked.day} (${whenWords(asked.day, one)})`;
  if (!now?.courses) { at("sentence").setAttribute("aria-busy", "true"); return; }
  at("sentence").removeAttribute("aria-busy");
  const peak = one.isRelapse ? effectOf(now, "peak", one) : null, isEmpty = one.isRelapse && !(peak.excess >= one.leastExcess);
  const seen = { ...effectOf(now, asked.on, one), animal: subject().animal, isEmpty, interval: intervalsOf().find((row) => row.day === asked.day) };
  if (isEmpty) seen.excess = peak.excess;
  const isPrediction = one.isPrediction || mine.drug !== "ivig";
  const text = answerWords(asked, one, mine, own, seen);
  if (at("sentence").dataset.text !== text + isPrediction) {
    at("sentence").replaceChildren(...(isPrediction && !isEmpty ? [mark("prediction"), " "] : []), ...withCodes(text, mine));
    at("sentence").dataset.text = text + isPrediction;
  }
  at("second").textContent = isEmpty ? "" : secondWords(one, seen);
  const curve = isEmpty ? [] : curveOf(), band = isEmpty ? [] : intervalsOf();
  const words = curveWords(one, asked.on);
  at("curve-title").textContent = `Effect on the ${words}, by the day of the first dose`;
  curveChart(at("curve"), {
    curve, band, panel: one,
    // The curve that is shown is not drawn twice.
    kept: kept.map((each, place) => ({ ...each, colour: KEPT_COLOURS[place] })).filter((each) => each.key !== key() || each.on !== asked.on),
    published: publishedOf(), verdicts: verdictsOf(), asked: { ...asked, range: page.days, isOther: mine.drug !== "ivig" },
    axis: `day of the first dose, after ${one.event}`,
    label: `Effect on the ${words} against the day of the first dose: ${curve.map((point) => `day ${point.day} ${Math.round(100 * point.effect)} %`).join(", ")}`,
  });
  at("curve-caption").textContent = captionWords(one, isPrediction, band.length > 0);
  const courses = JSON.stringify([key(), asked.day, innerWidth, kept.map((each) => each.name), at("singles").checked]);
  if (courses !== shownCourses) showCourses(now, one, own, seen.animals);
  shownCourses = courses;
  shownRows = rows(curve, band);
  table(shownRows);
  setComplete(curve.length === days().length || isEmpty);
}

function showCourses(now, one, own, animals) {
  const doses = d3.range(asked.times).map((i) => asked.day + one.origin + i * asked.every).filter((day) => day <= one.until);
  const comparable = kept.filter((each) => each.panel === asked.panel && each.subject === asked.subject);
  const lines = [
    { name: "without the dose", colour: COLOURS.control, points: now.courses.control },
    ...comparable.map((each) => ({ name: each.short, colour: KEPT_COLOURS[kept.indexOf(each)], dash: "6 3", points: each.course })),
    { name: "with the dose", colour: COLOURS.treated, points: now.courses.treated },
  ];
  legend(lines);
  const singles = at("singles").checked ? now.singles.map((scores) => scores.map((score, day) => ({ day, score }))) : [];
  coursesChart(at("courses"), { lines, singles, panel: one, doses, label: `Mean score by day, without the dose at most ${peakOf(now.courses.control)}, with it at most ${peakOf(now.courses.treated)}` });
  const thin = singles.length ? ` Thin: ${singles.length} single ${subject().animal}s with the dose, until they die.` : "";
  at("courses-caption").textContent = `Means of ${animals} ${subject().animal}s, without the dead. Triangles: doses.${thin}`;
  const most = d3.max(now.plasma, (point) => point.value) || 0, isRate = own.isSwitch;
  const [unit, factor] = isRate ? ["mg/kg/day", 1] : concentrationUnit(most);
  at("plasma-title").textContent = `${capital(own.title)}: ${isRate ? "rate of infusion" : "concentration in plasma"} (${unit})`;
  plasmaChart(at("plasma"), {
    points: now.plasma.map((point) => ({ day: point.day, value: factor * point.value })), panel: one, axis: unit,
    label: `${own.title} in plasma, at most ${plain(Number((factor * most).toPrecision(3)))} ${unit}`,
  });
}

function setComplete(isComplete) {
  document.body.dataset.complete = String(isComplete);
  for (const id of ["keep", "save-csv", "save-svg"]) at(id).disabled = !isComplete;
}

const peakOf = (points) => (d3.max(points, (point) => point.score) || 0).toFixed(1);

function captionWords(one, isPrediction, hasBand) {
  const parts = [];
  if (isPrediction) parts.push("Dashed: a prediction; no experiment that we found has tested it.");
  if (hasBand) parts.push("Band: 95 % over parameter sets and animals, by eaesim timing.");
  const { numbers, statements } = publishedOf();
  if (numbers.length + statements.length) parts.push("Black: published findings; hollow ones were used to set the strength of the drug. Triangle: protected; square: no effect. What the codes mean is below.", verdictWords(publishedOf(), verdictsOf()));
  if (one.onset !== null) parts.push("First signs: mean of untreated animals.");
  return parts.join(" ");
}

// A mechanism's code, explained where it stands.
function withCodes(text, one) {
  const [before, after] = one.mechanism ? text.split(`(${one.mechanism})`) : [text];
  if (after === undefined) return [text];
  const code = Object.assign(document.createElement("abbr"), { title: `${one.title}: ${one.site}`, textContent: one.mechanism });
  return [`${before}(`, code, `)${after}`];
}

function mark(text) {
  const made = document.createElement("span");
  made.className = "mark";
  made.textContent = text;
  return made;
}

function legend(lines) {
  at("legend").replaceChildren(...lines.map((line) => {
    const made = document.createElement("span");
    made.textContent = line.name;
    made.style.setProperty("--colour", line.colour);
    made.style.setProperty("--dash", line.dash ? "dashed" : "solid");
    return made;
  }));
}

function rows(curve, band) {
  return curve.map((point) => {
    const found = band.find((row) => row.day === point.day) || {};
    return [point.day, point.effect, found.low ?? "", found.high ?? "", point.ill.treated, point.ill.control, point.protectedShare, point.dead.treated, point.dead.control, point.animals];
  });
}

const COLUMNS = ["day", "effect", "effect_low", "effect_high", "ill_treated", "ill_control", "protected", "dead_treated", "dead_control", "animals"];

function table(found) {
  const cell = (name, text, isNumber) => { const made = document.createElement(name); made.textContent = text; if (isNumber) made.className = "number"; if (name === "th") made.scope = "col"; return made; };
  const line = (cells) => { const made = document.createElement("tr"); made.append(...cells); return made; };
  const head = document.createElement("thead"), body = document.createElement("tbody");
  head.append(line(COLUMNS.map((name) => cell("th", name.replaceAll("_", " ")))));
  body.append(...found.map((values) => line(values.map((value) => cell("td", typeof value === "number" ? plain(Number(value.toPrecision(3))) : value, true)))));
  at("table").replaceChildren(head, body);
}

// Controls.
function radios(id, name, choices) {
  const legend = at(id).querySelector("legend"), inputs = [...at(id).querySelectorAll("input")];
  // Buttons that are there keep the focus.
  if (inputs.map((input) => input.value).join() === choices.map(([value]) => value).join()) {
    for (const input of inputs) input.checked = asked[name] === input.value;
    return;
  }
  at(id).replaceChildren(legend, ...choices.map(([value, text, about]) => {
    const label = Object.assign(document.createElement("label"), { title: about || "" }), input = document.createElement("input");
    Object.assign(input, { type: "radio", name, value, checked: asked[name] === value });
    input.addEventListener("change", () => change({ [name]: value }));
    label.append(input, text);
    return label;
  }));
}

function options(id, choices, value) {
  at(id).replaceChildren(...choices.map(([name, text, title]) => Object.assign(new Option(text, name, false, name === value), { title: title || "" })));
}

function treatmentText(one) {
  const own = page.drugs[one.drug];
  return one.mechanism ? `${own.title} ${one.title} (${one.mechanism})` : own.title;
}

// Changes what is asked, mends what no longer fits it, and asks.
function change(changes) {
  Object.assign(asked, changes);
  if (!page.subjects[asked.subject]) asked.subject = Object.keys(page.subjects)[0];
  if (!subject().panels[asked.panel]) asked.panel = Object.keys(subject().panels)[0];
  if (!subject().treatments[asked.treatment]) asked.treatment = Object.keys(subject().treatments)[0];
  if (!panel().curves[asked.on] || ("panel" in changes && !("on" in changes)) || ("subject" in changes && !("on" in changes))) asked.on = panel().drawn;
  const opening = drug().opening;
  if ("treatment" in changes && asked.drug !== treatment().drug) for (const name of REGIMEN) if (!(name in changes)) asked[name] = opening[name];
  asked.drug = treatment().drug;
  for (const name of REGIMEN) asked[name] ??= opening[name];
  if (!drug().routes[asked.route]) asked.route = opening.route;
  if (asked.route !== "iv") asked.over = 0;
  if (asked.times === 1) asked.every = opening.every;
  asked.day = Math.max(page.days[0], Math.min(page.days[1], Math.round(asked.day ?? 0)));
  fill();
  ask();
}

function fill() {
  radios("subjects", "subject", Object.entries(page.subjects).map(([name, one]) => [name, one.title, one.about]));
  radios("panels", "panel", Object.entries(subject().panels).map(([name, one]) => [name, one.title]));
  options("treatment", Object.entries(subject().treatments).map(([name, one]) => [name, treatmentText(one), one.site]), asked.treatment);
  options("on", Object.entries(panel().curves), asked.on);
  options("route", Object.keys(drug().routes).map((name) => [name, { iv: "intravenous", ip: "intraperitoneal", sc: "subcutaneous" }[name] || name]), asked.route);
  Object.assign(at("day"), { min: page.days[0], max: page.days[1], value: asked.day });
  at("day-note").textContent = `Day 0 is the day of ${panel().event}.`;
  const unit = inGrams(drug()) ? 1000 : 1;
  at("unit").textContent = unit === 1 ? "mg/kg" : "g/kg";
  const shown = { dose: asked.dose / unit, times: asked.times, every: asked.every, over: asked.over };
  for (const [name, value] of Object.entries(shown)) if (document.activeElement !== at(name)) at(name).value = plain(value);
  at("every").disabled = asked.times === 1;
  at("over").disabled = asked.route !== "iv";
}

function say(id, text) {
  at(id).textContent = text;
  at(id).hidden = !text;
}

at("treatment").addEventListener("change", (event) => change({ treatment: event.target.value }));
at("on").addEventListener("change", (event) => change({ on: event.target.value }));
at("route").addEventListener("change", (event) => change({ route: event.target.value }));
at("day").addEventListener("input", (event) => change({ day: Number(event.target.value) }));
for (const name of ["dose", "times", "every", "over"]) at(name).addEventListener("input", (event) => {
  const field = event.target, value = field.valueAsNumber;
  say("fault", field.checkValidity() && Number.isFinite(value) ? "" : `${field.labels[0].textContent.trim()}: ${field.validationMessage || "give a number."}`);
  if (at("fault").hidden) change({ [name]: value * (name === "dose" && inGrams(drug()) ? 1000 : 1) });
});
at("singles").addEventListener("change", show);
at("controls").addEventListener("submit", (event) => event.preventDefault());

// The address keeps what is asked.
const KEYS = ["subject", "panel", "treatment", "day", ...REGIMEN, "on"];
function writeAddress() {
  const text = `#${new URLSearchParams(KEYS.map((name) => [name, asked[name]]))}`;
  // Browsers refuse a page that writes its address too often.
  if (location.hash !== text) history.replaceState(null, "", text);
}
function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1)), found = {};
  for (const name of KEYS) if (given.has(name)) {
    const text = given.get(name), isText = ["subject", "panel", "treatment", "route", "on"].includes(name), limits = { times: [1, 60], every: [1, 60], over: [0, 24], dose: [0, 1e6], day: page.days }[name];
    const value = isText ? text : Number(text);
    if (isText || (Number.isFinite(value) && value >= limits[0] && value <= limits[1] && (name === "dose" || Number.isInteger(value)))) found[name] = value;
    else say("fault", `The address asks for ${name} = ${text}, which is not possible here; the page shows another value.`);
  }
  return found;
}
window.addEventListener("hashchange", () => change(readAddress()));

// Keep, copy and download.
at("keep").addEventListener("click", () => {
  const now = answers.get(key())?.get(asked.day);
  if (!now?.courses) return;
  if (kept.length === MOST_KEPT) kept.shift();
  const short = `${doseWords(asked, drug())}, ${treatment().mechanism || drug().title}, day ${asked.day}`;
  const name = `${subject().title}, ${panel().title}: ${short}; ${panel().curves[asked.on]}`;
  kept.push({ ...asked, key: key(), name, short, curve: curveOf(), course: now.courses.treated });
  showKept();
});

function showKept() {
  at("kept").replaceChildren(...kept.map((each, place) => {
    const item = document.createElement("li"), text = document.createElement("span"), button = document.createElement("button");
    text.textContent = each.name;
    text.title = page.subjects[each.subject].treatments[each.treatment].site;
    text.style.setProperty("--colour", KEPT_COLOURS[place]);
    Object.assign(button, { type: "button", textContent: "Remove" });
    button.setAttribute("aria-label", `Remove: ${each.name}`);
    button.addEventListener("click", () => { kept.splice(place, 1); showKept(); at("keep").focus(); });
    item.append(text, button);
    return item;
  }));
  show();
}

function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  at("done").textContent = `${name} is in your downloads.`;
}

const studyText = () => studyFile(asked, subject(), panel(), treatment(), drug(), page);
const csvText = () => [COLUMNS, ...shownRows].map((line) => line.join(",")).join("\n") + "\n";
function svgText() {
  const svg = at("curve").querySelector("svg").cloneNode(true);
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.style.fontFamily = "Arial, sans-serif";
  return new XMLSerializer().serializeToString(svg);
}
at("save-study").addEventListener("click", () => download("study.toml", "text/plain", studyText()));
at("save-csv").addEventListener("click", () => download("live.csv", "text/csv", csvText()));
at("save-svg").addEventListener("click", () => download("live.svg", "image/svg+xml", svgText()));
at("link").addEventListener("click", async () => {
  const done = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
  at("done").textContent = done ? "The address is copied." : "The address of this page holds what is shown.";
});

let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; show(); } });
change(readAddress());
