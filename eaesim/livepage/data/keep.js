"use strict";
// The address, and what can be kept, copied and downloaded.

// The address keeps what is asked.
const KEYS = ["subject", "panel", "treatment", "start", "day", ...REGIMEN, "on", "own"];
const TEXTS = ["subject", "panel", "treatment", "start", "route", "on"];
function writeAddress() {
  const own = Object.entries(asked.own).map((pair) => pair.join(":")).join();
  const text = `#${new URLSearchParams(KEYS.map((name) => [name, name === "own" ? own : asked[name]]))}`;
  // Browsers refuse a page that writes its address too often.
  if (location.hash !== text) history.replaceState(null, "", text);
}
function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1)), found = { start: "day", own: {} };
  for (const name of KEYS) if (given.has(name)) {
    const text = given.get(name), value = TEXTS.includes(name) ? text : name === "own" ? readOwn(text) : readNumber(name, text);
    if (value !== null) found[name] = value;
    else say("fault", `The address asks for ${name} = ${text}, which is not possible here; the page shows another value.`);
  }
  return found;
}
function readNumber(name, text) {
  const [low, high] = { times: [1, 60], every: [1, 60], over: [0, 24], dose: [0, 1e6], day: d3.extent(EVERY_DAY) }[name], value = Number(text);
  return text && value >= low && value <= high && (name === "dose" || Number.isInteger(value)) ? value : null;
}
function readOwn(text) {
  const pairs = text.split(",").filter(Boolean).map((pair) => pair.split(":"));
  return pairs.every(([, value]) => value && Number.isFinite(Number(value))) ? Object.fromEntries(pairs.map(([name, value]) => [name, Number(value)])) : null;
}
const EVERY_DAY = Object.values(page.subjects).flatMap((one) => Object.values(one.panels).flatMap((each) => each.days));
window.addEventListener("hashchange", () => change(readAddress()));

// Keep, copy and download.
at("keep").addEventListener("click", () => {
  const now = answers.get(key())?.get(asked.day);
  if (!now?.courses) return;
  if (kept.length === MOST_KEPT) kept.shift();
  const own = hasOwn() ? `, ${ownWords(asked.own)}` : "";
  const short = `${doseWords(asked, drug())}, ${treatment().mechanism || drug().title}, ${shortWhen(asked)}${own}`;
  const name = `${subject().title}, ${panel().title}: ${short}; ${panel().curves[asked.on]}`;
  kept.push({ ...asked, range: dayRange(), key: key(), name, short, curve: curveOf(), course: now.courses.treated });
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

const studyText = () => (panel().isAttack ? attackFile : studyFile)(asked, subject(), panel(), treatment(), drug(), page, days());
const csvText = () => [columns().map(([name]) => name), ...shownRows].map((line) => line.join(",")).join("\n") + "\n";
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

