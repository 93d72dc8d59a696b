"use strict";
// What the page shows, and its controls.

function show() {
  const now = answers.get(key())?.get(asked.day), one = panel(), mine = treatment(), own = drug();
  writeAddress();
  at("day-words").textContent = waits() ? `${asked.day}` : `${asked.day} (${whenWords(asked.day, one)})`;
  if (!now?.courses) { at("sentence").setAttribute("aria-busy", "true"); return; }
  at("sentence").removeAttribute("aria-busy");
  const peak = one.isRelapse ? effectOf(now, "peak", one) : null, isEmpty = one.isRelapse && !(peak.excess >= one.leastExcess);
  const interval = intervalsOf().find((row) => row.day === asked.day);
  const seen = { ...effectOf(now, asked.on, one), animal: subject().animal, isEmpty, interval, sign: waits() && asked.start };
  if (isEmpty) seen.excess = peak.excess;
  const text = `${(one.isAttack ? patientAnswer : answerWords)(asked, one, mine, own, seen)}${hasOwn() ? ` With ${ownWords(asked.own)}.` : ""}`;
  const marked = text + isPredicted();
  if (at("sentence").dataset.text !== marked) {
    at("sentence").replaceChildren(...(isPredicted() && !isEmpty ? [mark("prediction"), " "] : []), ...withCodes(text, mine));
    at("sentence").dataset.text = marked;
  }
  at("second").textContent = isEmpty ? "" : (one.isAttack ? patientSecond : secondWords)(one, seen);
  const curve = isEmpty ? [] : curveOf(), band = isEmpty ? [] : intervalsOf();
  const words = one.isAttack ? { left: "Share of the relapses that is left", protected: "Share of those who would relapse that is protected" }[asked.on] : `Effect on the ${curveWords(one, asked.on)}`;
  const by = waits() ? `days from ${SIGNS[asked.start]} to the first dose` : `day of the first dose, after ${one.event}`;
  at("curve-title").textContent = `${words}, by the ${waits() ? by : "day of the first dose"}`;
  curveChart(at("curve"), {
    curve, band, panel: one, kept: comparable(),
    published: publishedOf(), verdicts: verdictsOf(), axis: by,
    asked: { ...asked, range: dayRange(), isDashed: isPredicted() || waits(), isOfIvig: mine.drug === "ivig" },
    label: `${words} by the ${by}: ${curve.map((point) => `day ${point.day} ${Math.round(100 * point.value)} %`).join(", ")}`,
  });
  at("curve-caption").textContent = one.isAttack ? patientCaption(one, band.length > 0, mine.drug === "ivig") : captionWords(one, band.length > 0);
  const courses = JSON.stringify([key(), asked.day, innerWidth, kept.map((each) => each.name), at("singles").checked]);
  if (courses !== shownCourses) showCourses(now, one, own, seen);
  shownCourses = courses;
  shownRows = rows(curve, band);
  table(shownRows);
  setComplete(curve.length === days().length || isEmpty);
}

// The kept curves that are drawn on the same axes; the curve that is shown is not drawn twice.
function comparable() {
  const isAlike = (each) => each.start === asked.start && page.subjects[each.subject].panels[each.panel].isAttack === panel().isAttack && (!panel().isAttack || each.on === asked.on);
  return kept.map((each, place) => ({ ...each, colour: KEPT_COLOURS[place] })).filter((each) => isAlike(each) && (each.key !== key() || each.on !== asked.on));
}

function showCourses(now, one, own, seen) {
  const doses = waits() ? [] : d3.range(asked.times).map((i) => asked.day + one.origin + i * asked.every).filter((day) => day <= one.until);
  const beside = kept.filter((each) => each.panel === asked.panel && each.subject === asked.subject);
  const lines = [
    { name: "without the dose", colour: COLOURS.control, points: now.courses.control },
    ...beside.map((each) => ({ name: each.short, colour: KEPT_COLOURS[kept.indexOf(each)], dash: "6 3", points: each.course })),
    { name: "with the dose", colour: COLOURS.treated, points: now.courses.treated },
  ];
  legend(lines);
  const singles = at("singles").checked ? now.singles.map((scores) => scores.map((score, day) => ({ day, score }))) : [];
  const what = one.isAttack ? "Mean EDSS of the patients who relapse without treatment" : "Mean score of the living animals";
  at("courses-title").textContent = what;
  coursesChart(at("courses"), { lines, singles, panel: one, doses, label: `${what} by day, without the dose at most ${peakOf(now.courses.control)}, with it at most ${peakOf(now.courses.treated)}` });
  const animal = subject().animal, number = one.isAttack ? seen.relapses : seen.animals;
  const thin = singles.length ? ` Thin: ${singles.length} single ${animal}s with the dose${one.isAttack ? "" : ", until they die"}.` : "";
  const given = waits() ? `Each ${animal} is dosed on its own day.` : "Triangles: doses.";
  at("courses-caption").textContent = `Means of ${number} ${animal}s${one.isAttack ? "" : ", without the dead"}. ${given}${thin}`;
  at("singles-words").textContent = `Show single ${animal}s`;
  at("plasma-caption").textContent = `Mean of the treated ${animal}s, read every 6 hours, just before a dose of that hour.`;
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

function captionWords(one, hasBand) {
  const parts = [];
  if (isPredicted()) parts.push("Dashed: a prediction; no experiment that we found has tested it.");
  else if (waits()) parts.push("Published findings are by day, so none is drawn here.");
  if (hasBand) parts.push("Band: 95 % over parameter sets and animals, by eaesim timing.");
  const { numbers, statements } = publishedOf();
  if (numbers.length + statements.length) parts.push("Black: published findings; hollow ones were used to set the strength of the drug. Triangle: protected; square: no effect. What the codes mean is below.", verdictWords(publishedOf(), verdictsOf()));
  if (one.onset !== null && !waits()) parts.push("First signs: mean of untreated animals.");
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

// Columns of the table and of the CSV: name, and value of a point of the curve and its interval.
function columns() {
  const [what, ill] = panel().isAttack ? [asked.on, "relapse"] : ["effect", "ill"];
  const found = [
    [waits() ? "days_after_sign" : "day", (point) => point.day], [what, (point) => point.value],
    [`${what}_low`, (_, span) => span.low ?? ""], [`${what}_high`, (_, span) => span.high ?? ""],
    [`${ill}_treated`, (point) => point.ill.treated], [`${ill}_control`, (point) => point.ill.control],
  ];
  if (what !== "protected") found.push(["protected", (point) => point.protectedShare]);
  if (waits()) found.push(["dosed", (point) => point.dosedShare]);
  if (!panel().isAttack) found.push(["dead_treated", (point) => point.dead.treated], ["dead_control", (point) => point.dead.control]);
  return [...found, [panel().isAttack ? "patients" : "animals", (point) => point.animals]];
}

function rows(curve, band) {
  return curve.map((point) => columns().map(([, value]) => value(point, band.find((row) => row.day === point.day) || {})));
}

function table(found) {
  const cell = (name, text, isNumber) => { const made = document.createElement(name); made.textContent = text; if (isNumber) made.className = "number"; if (name === "th") made.scope = "col"; return made; };
  const line = (cells) => { const made = document.createElement("tr"); made.append(...cells); return made; };
  const head = document.createElement("thead"), body = document.createElement("tbody");
  head.append(line(columns().map(([name]) => cell("th", name.replaceAll("_", " ")))));
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

// Patients are given a drug by the route with which the page opens.
const routes = () => (panel().isAttack ? [drug().opening.route] : Object.keys(drug().routes));

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
  if (asked.start !== "day" && !panel().signs.includes(asked.start)) asked.start = "day";
  asked.own = Object.fromEntries(Object.entries(asked.own).filter(([name, value]) => isOwnValue(name, value)));
  if ("start" in changes && !("day" in changes)) asked.day = 0;
  if (!panel().curves[asked.on] || ("panel" in changes && !("on" in changes)) || ("subject" in changes && !("on" in changes))) asked.on = panel().drawn;
  const opening = drug().opening;
  if ("treatment" in changes && asked.drug !== treatment().drug) for (const name of REGIMEN) if (!(name in changes)) asked[name] = opening[name];
  asked.drug = treatment().drug;
  for (const name of REGIMEN) asked[name] ??= opening[name];
  if (!routes().includes(asked.route)) asked.route = opening.route;
  if (asked.route !== "iv") asked.over = 0;
  if (asked.times === 1) asked.every = opening.every;
  const [first, last] = dayRange();
  asked.day = Math.max(first, Math.min(last, Math.round(asked.day ?? 0)));
  fill();
  ask();
}

function fill() {
  radios("subjects", "subject", Object.entries(page.subjects).map(([name, one]) => [name, one.title, one.about]));
  radios("panels", "panel", Object.entries(subject().panels).map(([name, one]) => [name, one.title]));
  options("treatment", Object.entries(subject().treatments).map(([name, one]) => [name, treatmentText(one), one.site]), asked.treatment);
  at("on-title").textContent = panel().isAttack ? "Curve" : "Effect on";
  options("on", Object.entries(panel().curves), asked.on);
  options("route", routes().map((name) => [name, { iv: "intravenous", ip: "intraperitoneal", sc: "subcutaneous" }[name] || name]), asked.route);
  const [first, last] = dayRange();
  Object.assign(at("day"), { min: first, max: last, value: asked.day });
  at("day-title").textContent = waits() ? `Days from ${SIGNS[asked.start]} to the first dose` : "Day of the first dose";
  at("day-note").textContent = waits() ? "Scores are read once a day, before that day's dose." : `Day 0 is the day of ${panel().event}.`;
  options("start", [["day", "on a day"], ...panel().signs.map((sign) => [sign, `at ${SIGNS[sign]} (${CONDITIONS[sign]})`])], asked.start);
  at("start-field").hidden = !panel().signs.length;
  at("repeat").textContent = panel().isAttack ? "eaesim timing study.toml" : "eaesim run study.toml";
  at("repeated").textContent = panel().isAttack ? "repeats the curve" : "repeats the treated and the untreated arm";
  fillOwn();
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
at("start").addEventListener("change", (event) => change({ start: event.target.value }));
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

let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; show(); } });
change(readAddress());
