"use strict";
// Values of the reader's own instead of those of the animal or the drug.

const MOST_OWN = 6;

function isOwnValue(name, value) {
  const known = subject().values[name];
  return name in treatment().own && value >= known.low && value <= known.high;
}

const withUnit = (value, { unit }) => `${plain(value)}${unit ? ` ${unit}` : ""}`;

function ownWords(own) {
  return Object.entries(own).map(([name, value]) => `${subject().values[name].title} = ${withUnit(value, subject().values[name])}`).join(", ");
}

function fillOwn() {
  const names = Object.keys(treatment().own), chosen = names.includes(at("own-name").value) ? at("own-name").value : names[0];
  at("own").hidden = !names.length;
  if (!names.length) return;
  const group = (label, isOfDrug) => {
    const made = Object.assign(document.createElement("optgroup"), { label });
    made.append(...names.filter((name) => subject().values[name].isOfDrug === isOfDrug).map((name) => new Option(subject().values[name].title, name, false, name === chosen)));
    return made;
  };
  at("own-name").replaceChildren(...[group(capital(drug().title), true), group(capital(subject().animal), false)].filter((each) => each.children.length));
  fillValue(chosen);
  at("own-values").replaceChildren(...Object.entries(asked.own).map(([name, value]) => {
    const item = document.createElement("li"), text = document.createElement("span"), button = document.createElement("button");
    text.textContent = ownWords({ [name]: value });
    Object.assign(button, { type: "button", textContent: "Remove" });
    button.setAttribute("aria-label", `Remove: ${text.textContent}`);
    button.addEventListener("click", () => { const { [name]: _, ...rest } = asked.own; change({ own: rest }); at("own-name").focus(); });
    item.append(text, button);
    return item;
  }));
}

function fillValue(name) {
  const known = subject().values[name], [low, middle, high] = treatment().own[name].sets, field = at("own-value");
  const sets = low === high ? `the package has ${withUnit(low, known)}` : `the parameter sets have ${plain(low)} to ${withUnit(high, known)}`;
  at("own-note").textContent = `${name}: ${sets}. From ${plain(known.low)} to ${withUnit(known.high, known)}.`;
  Object.assign(field, { min: known.low, max: known.high });
  if (document.activeElement !== field) field.value = plain(asked.own[name] ?? middle);
}

at("own-name").addEventListener("change", (event) => fillValue(event.target.value));
at("own-use").addEventListener("click", () => {
  const field = at("own-value"), name = at("own-name").value, isMore = !(name in asked.own) && Object.keys(asked.own).length >= MOST_OWN;
  const isGood = field.checkValidity() && Number.isFinite(field.valueAsNumber);
  say("fault", isMore ? `At most ${MOST_OWN} values can be changed; remove one first.` : isGood ? "" : `Value: ${field.validationMessage || "give a number."}`);
  if (isGood && !isMore) change({ own: { ...asked.own, [name]: field.valueAsNumber } });
});
