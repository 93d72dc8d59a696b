"use strict";
// What is asked, and the answers of the workers.

const page = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const MOST_KEPT = 3, MOST_SINGLES = 20, REGIMEN = ["dose", "times", "every", "over", "route"];
// Days of dosing after a sign.
const AFTER = d3.range(0, 15);
// `start`: "day", or the sign that the first dose waits for; `day` is then the number of days after it. `own`:
// values of the reader's own by the name of a parameter.
const asked = { start: "day", own: {} };
const answers = new Map();
const kept = [];
let number = 0, pending = null, redraw = 0, shownRows = [], shownCourses = "";

const subject = () => page.subjects[asked.subject];
const panel = () => subject().panels[asked.panel];
const treatment = () => subject().treatments[asked.treatment];
const drug = () => page.drugs[treatment().drug];
const waits = () => asked.start !== "day";
const schedule = () => ({ ...Object.fromEntries(REGIMEN.map((name) => [name, asked[name]])), ...(waits() && { sign: asked.start }) });
const dayRange = () => d3.extent(waits() ? AFTER : panel().days);
const days = () => (waits() ? AFTER : d3.sort(new Set([...panel().days, asked.day])));
const key = () => JSON.stringify([asked.subject, asked.panel, asked.treatment, asked.own, schedule()]);
// Published findings are on IVIG.
const publishedOf = () => (treatment().drug === "ivig" && !waits() ? panel().published[asked.on] : { numbers: [], statements: [] });
const verdictsOf = () => (isOpening() && !panel().isRelapse ? treatment().verdicts : {});
const hasOwn = () => Object.keys(asked.own).length > 0;
const isOpening = () => !waits() && !hasOwn() && REGIMEN.every((name) => asked[name] === drug().opening[name]);
const isPredicted = () => panel().isPrediction || treatment().drug !== "ivig";

// Workers: each has a part of the animals.
const address = URL.createObjectURL(new Blob([at("engine").textContent], { type: "text/javascript" }));
const count = Math.max(1, Math.min(4, navigator.hardwareConcurrency || 2, ...Object.values(page.subjects).map((one) => one.animals)));
const workers = d3.range(count).map((place) => {
  const worker = new Worker(address);
  worker.postMessage({ page, part: [place, count] });
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
  const found = { arms, dosed: parts.flatMap((part) => Array.from(part.dosed)) };
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

