"use strict";
// What the page says of patients.

function patientAnswer(asked, panel, treatment, drug, seen) {
  const given = capital(`${regimenWords(asked, treatment, drug)} ${whenWords(asked.day, panel)}`);
  if (!Number.isFinite(seen.value)) return `${given}: nothing can be said, because no patient relapses without the dose.`;
  const { low, high } = seen.interval || {}, share = percent(seen.value);
  const span = seen.interval && high > low ? ` (95\u00a0% interval ${percent(low)} to ${percent(high)})` : "";
  const [leaves, protects, does] = asked.times > 1 ? ["leave", "protect", "do"] : ["leaves", "protects", "does"];
  if (asked.on === "protected") return `${given}, ${protects} ${share} of the patients who relapse without treatment.`;
  if (seen.value > 0.995 && seen.value < 1.005) return `${given}, ${does} not change how many patients relapse.`;
  return `${given}, ${leaves} ${share} of the relapses${span}.`;
}

function patientSecond(panel, seen) {
  const failed = seen.failed ? ` ${seen.failed} of ${seen.animals + seen.failed} patients could not be solved and are left out.` : "";
  return `Each of ${seen.animals} patients has one attack. With treatment ${finePercent(seen.ill.treated)} of them relapse, without it ${percent(seen.ill.control)}; ${percent(seen.protectedShare)} of those who would relapse are protected.${failed}`;
}

function patientCaption(panel, hasBand, isOfIvig) {
  const [low, median, high] = panel.seen.map((day) => Math.round(day));
  const parts = [`A prediction: no trial gave one dose at such days, and nothing is fitted to treated patients. Trials of repeated doses found less than the model says (see below).`];
  if (hasBand) parts.push("Band: 95\u00a0% interval over parameter sets and patients, by eaesim timing patient.");
  parts.push(`Grey: days on which 5 to 95\u00a0% of the relapses of untreated patients are seen (${low} to ${high}; median ${median}).`);
  if (isOfIvig) parts.push("Black: when trials gave IVIG. What the codes mean is below.");
  return parts.join(" ");
}

// The nearest that a file can say: the dose on each of the days of the curve.
function attackFile(asked, subject, panel, treatment, drug, page, days) {
  const lines = [panel.study, `dose = "${doseWords(asked, drug)}"`];
  if (treatment.drug !== "ivig") lines.push(`drug = "${drug.name}"`);
  if (treatment.mechanism) lines.push(`mechanism = "${treatment.mechanism}"`);
  lines.push(`days = [${days.join(", ")}]`);
  return `${fileHead("eaesim timing", drug, page)}${lines.join("\n")}\n`;
}
