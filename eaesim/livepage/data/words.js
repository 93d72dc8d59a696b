"use strict";
// What the page says.

const percent = (share) => `${Math.round(100 * share)}\u00a0%`;
// Of patients that relapse in spite of a dose there may be few.
const finePercent = (share) => (share > 0 && share < 0.01 ? "fewer than 1\u00a0%" : percent(share));
const plain = (number) => String(Number(number.toPrecision(6)));
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function doseWords(asked, drug) {
  const amount = inGrams(drug) ? `${plain(asked.dose / 1000)} g/kg` : `${plain(asked.dose)} mg/kg`;
  const over = asked.over > 0 ? ` over ${plain(asked.over)} h` : "";
  const repeats = asked.times > 1 ? ` every ${plain(asked.every)} day x ${asked.times}` : "";
  return `${amount}${over}${repeats}`;
}

const inGrams = (drug) => drug.opening.dose >= 100;

function whenWords(day, panel) {
  if (day === 0) return `on the day of ${panel.event}`;
  const days = `${Math.abs(day)} day${Math.abs(day) === 1 ? "" : "s"}`;
  return `${days} ${day < 0 ? "before" : "after"} ${panel.event}`;
}

// When the first dose is given: on a day, or so many days after a sign.
const SIGNS = { onset: "the first signs", relapse: "a relapse" };
const CONDITIONS = { onset: "score >= 1", relapse: "score rise >= 1" };
function startWords(asked, panel) {
  if (asked.start === "day") return whenWords(asked.day, panel);
  const sign = `${SIGNS[asked.start]} (a ${{ onset: "score of", relapse: "rise of the score by" }[asked.start]} at least 1)`;
  return asked.day === 0 ? `at ${sign}` : `${asked.day} day${asked.day === 1 ? "" : "s"} after ${sign}`;
}
const shortWhen = (asked) => (asked.start === "day" ? `day ${asked.day}` : `${asked.day} d after ${SIGNS[asked.start]}`);

function actingWords(treatment, drug) {
  return treatment.mechanism ? `${drug.title} that ${treatment.title} (${treatment.mechanism})` : drug.title;
}

function regimenWords(asked, treatment, drug) {
  const one = `${doseWords({ ...asked, times: 1, over: 0 }, drug)} of ${actingWords(treatment, drug)}`;
  const over = asked.over > 0 ? ` over ${plain(asked.over)} hour${asked.over === 1 ? "" : "s"}` : "";
  if (asked.times === 1) return `${one}, given${over}`;
  return `${asked.times} doses of ${one}, ${over ? `each given${over}, ` : ""}${plain(asked.every)} day${asked.every === 1 ? "" : "s"} apart, the first`;
}

// The answer in one sentence. `seen` has the effect, and its interval where the package has computed one.
function answerWords(asked, panel, treatment, drug, seen) {
  const given = `${regimenWords(asked, treatment, drug)} ${startWords(asked, panel)}`;
  const on = `${panel.isRelapse && asked.on === "peak" ? "excess " : ""}${curveWords(panel, asked.on)}`;
  if (seen.isEmpty) return `The induction raises the mean peak score of untreated ${seen.animal}s by ${seen.excess.toFixed(2)} only, less than ${panel.leastExcess}: no effect is given.`;
  if (!Number.isFinite(seen.effect)) return `${capital(given)}: no effect can be computed, because untreated ${seen.animal}s show none of the disease.`;
  const { low, high } = seen.interval || {};
  const span = seen.interval && high > low ? ` (95\u00a0% interval ${percent(low)} to ${percent(high)})` : "";
  const [no, less, more] = asked.times > 1 ? ["do not", "reduce", "raise"] : ["does not", "reduces", "raises"];
  if (Math.abs(seen.effect) < 0.005) return `${capital(given)}, ${no} change the ${on}.`;
  const verb = seen.effect > 0 ? less : more;
  return `${capital(given)}, ${verb} the ${on} by ${percent(Math.abs(seen.effect))}${span}.`;
}

const curveWords = (panel, on) => (on === "ill" ? `share of ${panel.curves.ill}` : panel.curves[on].replace(", days", " of days"));

function secondWords(panel, seen) {
  const what = panel.isRelapse ? "have a relapse" : "show signs";
  const parts = seen.sign ? [`${percent(seen.dosedShare)} of the ${seen.animal}s show ${SIGNS[seen.sign]} in time and are dosed`] : [];
  parts.push(`${percent(seen.ill.treated)} of the ${seen.animal}s ${what}, ${percent(seen.ill.control)} without it`);
  if (seen.ill.control > 0) parts.push(`${percent(seen.protectedShare)} of those that would ${panel.isRelapse ? "have one" : "fall ill"} are protected`);
  if (seen.dead.control > 0 || seen.dead.treated > 0) parts.push(`${percent(seen.dead.treated)} die, ${percent(seen.dead.control)} without it`);
  const failed = seen.failed ? ` ${seen.failed} of ${seen.animals} could not be solved and are left out.` : "";
  return `${parts.join("; ")}.${failed}`;
}

// A concentration in the unit in which its greatest value is no small fraction.
function concentrationUnit(most) {
  const units = [["mg/mL", 1], ["µg/mL", 1e3], ["ng/mL", 1e6], ["pg/mL", 1e9]];
  return units.find(([, factor]) => most * factor >= 0.1) || units[0];
}

// What a code on the page means.
function aboutFindings(ids, verdicts) {
  const found = page.findings.filter((one) => ids.includes(one.id));
  return found.map((one) => `${one.row}: ${one.study}; ${one.setting}; ${one.endpoint}: ${one.text}${verdicts[one.id] ? `; the model: ${verdicts[one.id]}` : ""}`).join("\n");
}

// How the model stands to the findings beside a curve, for the dose with which the page opens.
function verdictWords(published, verdicts) {
  const ids = [...published.numbers.map((one) => one.id), ...published.statements.flatMap((one) => one.ids)];
  const rows = new Map(ids.filter((id) => verdicts[id]).map((id) => [page.findings.find((one) => one.id === id).row, verdicts[id]]));
  return rows.size ? `Model against finding: ${[...rows].map(([row, verdict]) => `${row} ${verdict}`).join(", ")}.` : "";
}

// The study file of what is shown: the package's own text of the untreated arm, and the treated one.
function studyFile(asked, subject, panel, treatment, drug, page) {
  const isOfIvig = treatment.drug === "ivig", waits = asked.start !== "day";
  const head = isOfIvig ? panel.study.replace('mechanism = "none"', `mechanism = "${treatment.mechanism}"`) : panel.study;
  const when = waits ? [`${asked.start} = "${CONDITIONS[asked.start]}"`, `after = ${asked.day}`] : [`day = ${asked.day + panel.origin}`];
  const line = [`dose = "${doseWords(asked, drug)}"`, ...when];
  if (!isOfIvig) line.push(`drug = "${drug.name}"`);
  if (asked.route !== "iv") line.push(`route = "${asked.route}"`);
  if (!isOfIvig && treatment.mechanism) line.push(`mechanism = "${treatment.mechanism}"`);
  const arm = isOfIvig || !treatment.mechanism ? line.join("\n") : `doses = [{ ${line.join(", ")} }]`;
  const note = subject.isShipped ? "" : `# ${subject.name} is a rat of your own: write the folder of its fit instead of its name.\n`;
  const own = Object.entries(asked.own).map(([name, value]) => `${name} = ${value}\n`).join("");
  const values = own && `[parameters]\n${own}\n`;
  return `${fileHead("eaesim run", drug, page)}${note}${head.trimEnd()}\n\n[[arm]]\nname = "treated"\n${arm}\n\n${values}[run]\nparameter_sets = ${subject.sets}\n`;
}

function fileHead(command, drug, page) {
  const own = drug.isShipped ? "" : `# ${drug.name} is a drug of your own: its file belongs in this folder.\n`;
  return `# Made by the live page of eaesim ${page.version}. Repeat it with: ${command} study.toml\n${own}`;
}
