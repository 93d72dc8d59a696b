"use strict";
// The effect of one dosing day: 1 - treated/control of the means of animals that were solved in every arm. Around a
// relapse it is on the excess over the same animals not induced again, of those alive at the induction. Of patients
// it is on whether they relapse. `value` is what a curve draws.
function effectOf({ arms, dosed }, curve, one) {
  const on = one.isAttack ? "ill" : curve;
  const { treated, control, spontaneous } = arms, from = one.origin;
  let above = 0, below = 0, animals = 0, failed = 0, ill = 0, well = 0, given = 0;
  const share = { ill: { treated: 0, control: 0 }, dead: { treated: 0, control: 0 } };
  treated.peak.forEach((_, i) => {
    const every = one.isRelapse ? [treated, control, spontaneous] : [treated, control];
    if (every.some((arm) => Number.isNaN(arm.peak[i]))) { failed++; return; }
    if (one.isRelapse && every.some((arm) => arm.death[i] <= from)) return;
    const excess = one.isRelapse ? spontaneous[on][i] : 0;
    above += treated[on][i] - excess;
    below += control[on][i] - excess;
    animals++;
    given += dosed[i];
    for (const name of ["ill", "dead"]) { share[name].treated += treated[name][i]; share[name].control += control[name][i]; }
    ill += control.ill[i];
    well += control.ill[i] && !treated.ill[i] ? 1 : 0;
  });
  for (const each of Object.values(share)) for (const arm of Object.keys(each)) each[arm] /= animals;
  const effect = below === 0 ? NaN : 1 - above / below, protectedShare = ill ? well / ill : 0;
  const value = curve === "left" ? 1 - effect : curve === "protected" ? protectedShare : effect;
  return { ...share, effect, value, excess: below / animals, animals, failed, relapses: ill, dosedShare: given / animals, protectedShare };
}
