"use strict";
// Integration of one animal, and what a laboratory reads from it. The equations come from the package; the step
// control, the daily score and the endpoints are written a second time here, and tests hold both together.

// Lengths in days of a step after an event and of the shortest step; factors of a step; steps a day at most.
const FIRST_STEP = 0.1, LEAST_STEP = 1e-10, LEAST_CHANGE = 0.2, GREATEST_CHANGE = 8, MOST_STEPS = 200;

function workspace(system) {
  const n = system.states.length, array = () => new Float64Array(n);
  return {
    y: array(), z: array(), between: array(), k: Array.from({ length: system.stages }, array),
    c: new Float64Array(system.numbers), seen: new Float64Array(system.quantities),
  };
}

// Integrates from `begin` ({ time, wanted, state, read }) through `events` ([day, state, amount], by day) and reads
// the quantities at `times`, each before the events of its time, into values[quantity][place]. For each day of
// `marks`, what a run with other events from that day on can begin with is put into `moments`. Returns whether it
// reached the end.
function integrate(system, space, begin, events, times, tolerance, values, marks = [], moments = null) {
  const { c, between, seen, k } = space, last = system.stages - 1, end = times[times.length - 1];
  let { y, z } = space, { time, wanted, read } = begin, event = 0, changed = true, mark = 0;
  y.set(begin.state);
  let left = MOST_STEPS * (end - time + 1);
  const record = (state) => {
    system.seen(state, c, seen);
    for (let q = 0; q < seen.length; q++) values[q][read] = seen[q];
    read++;
  };
  const allowed = tolerance * system.caution;
  if (begin.isMoment) while (event < events.length && events[event][0] <= time) event++;
  else if (times[read] === time) record(y);
  while (read < times.length) {
    while (event < events.length && events[event][0] <= time) {
      y[events[event][1]] += events[event][2];
      wanted = Math.min(wanted, FIRST_STEP);
      event++;
      changed = true;
    }
    if (changed) system.rates(y, c, k[0]);
    changed = false;
    while (mark < marks.length && marks[mark] <= time) mark++;
    for (let m = mark; m < marks.length && marks[m] <= time + wanted; m++)
      moments[marks[m]] = { time, wanted, state: y.slice(), read, isMoment: true };
    const stop = event < events.length ? Math.min(events[event][0], end) : end;
    const step = Math.min(wanted, stop - time), ahead = wanted >= stop - time ? stop : time + step;
    const error = system.step(y, c, k, z, step) / allowed;
    if (--left < 0) return false;
    const change = 0.9 * Math.pow(Math.max(error, 1e-12), -system.root / 16);
    if (!(error <= 1)) {
      wanted = step * (error <= 1e30 ? Math.min(Math.max(change, 0.1), 0.9) : 0.1);
      if (wanted < LEAST_STEP) return false;
      continue;
    }
    const grown = step * Math.min(Math.max(change, LEAST_CHANGE), GREATEST_CHANGE);
    // A step shortened for an event does not shorten the next one.
    wanted = step < wanted ? Math.max(grown, wanted) : grown;
    for (; read < times.length && times[read] <= ahead;) {
      if (times[read] === ahead) { record(z); continue; }
      system.between(y, k, step, (times[read] - time) / step, between);
      record(between);
    }
    [y, z] = [z, y];
    [k[0], k[last]] = [k[last], k[0]];
    time = ahead;
  }
  return true;
}

// Doses as events: a bolus adds its amount, an infusion its rate, which its end takes away again.
// `schedule`: day, dose (mg/kg), times, every (days), over (hours); `route` comes from the package.
function doseEvents(schedule, route, infusion, parameters) {
  const events = [];
  for (let i = 0; schedule.dose > 0 && i < schedule.times; i++) {
    const day = schedule.day + i * schedule.every, length = schedule.over / 24;
    if (length > 0) events.push([day, infusion, schedule.dose / length], [day + length, infusion, -schedule.dose / length]);
    else events.push([day, route.state, amountOf({ ...route, amount: schedule.dose }, parameters)]);
  }
  return events;
}

function amountOf(event, parameters) {
  const factor = event.factor === null ? 1 : parameters[event.factor];
  return (event.amount * factor) / (event.divisor === null ? 1 : parameters[event.divisor]);
}

// Sorting keeps the order within a day: inductions come before doses.
function byDay(events) {
  return events.sort((one, other) => one[0] - other[0]);
}

// The daily score of an animal that is alive, and the first day on which it is dead (or Infinity).
function daily(severity, hazard, noise, deathAt, parameters, reading) {
  const days = noise.length, score = new Float64Array(days);
  let death = Infinity;
  for (let day = 0; day < days; day++) {
    const severe = severity[day], seen = severe + parameters[reading.noise] * noise[day];
    let count = 0;
    for (const place of reading.thresholds) count += seen > parameters[place] ? 1 : 0;
    score[day] = severe >= parameters[reading.floor] ? count : 0;
    if (hazard[day] > deathAt && day < death) death = day;
  }
  return { score, death };
}

// The endpoints of one animal; the dead have the score of death from their last day on. With an induction of a
// relapse only what follows it counts.
function endpoints({ score, death }, panel, deadScore) {
  const from = panel.origin, days = score.length, whole = score.map((value, day) => (day >= death ? deadScore : value));
  let peak = 0, cumulative = 0, sum = 0, ill = 0;
  for (let day = from; day < days; day++) {
    peak = Math.max(peak, whole[day]);
    cumulative += whole[day];
    if (day <= panel.meanUntil) sum += whole[day];
    if (whole[day] >= 1) ill = 1;
  }
  if (panel.isRelapse) ill = relapseDay(score, death, from) < Infinity ? 1 : 0;
  return { peak, cumulative, mean: sum / (panel.meanUntil + 1), ill, dead: death < Infinity ? 1 : 0, death };
}

// The day on which a relapse is confirmed: a rise of one grade over the lowest score since the last peak, or since
// the induction of the relapse (`induced`, or null), seen on two days. Infinity without one.
function relapseDay(score, death, induced) {
  let low = Infinity, high = -Infinity, fallen = induced !== null;
  for (let day = (induced || 0) + 1; day + 1 < Math.min(score.length, death); day++) {
    const before = score[day - 1];
    high = Math.max(high, before);
    fallen ||= before < high;
    if (fallen) low = Math.min(low, before);
    if (Math.min(score[day], score[day + 1]) >= low + 1) return day + 1;
  }
  return Infinity;
}

// The day on which a dose is due that waits for a sign in the daily scores, if the animal is then alive.
function signDay({ score, death }, { sign, after, induced }) {
  const onset = score.findIndex((value, day) => day < death && value >= 1);
  const day = (sign === "relapse" ? relapseDay(score, death, induced) : onset < 0 ? Infinity : onset) + after;
  return day < Math.min(score.length, death) ? day : Infinity;
}

// The endpoints of one patient. A relapse is a rise of the EDSS over its lowest value of the days before (`rule`
// says how high, and how long it holds), and begins at the earliest so many days after the one before; the first
// after the attack counts.
function patientEndpoints(edss, panel, rule) {
  const peak = edss.reduce((one, other) => Math.max(one, other)), least = edss.reduce((one, other) => Math.min(one, other)) + rule.rise;
  let free = 0, onset = Infinity, wasRaised = false;
  for (let day = 1; day + rule.held <= edss.length && onset === Infinity; day++) {
    const isRaised = edss[day] >= least && isRise(edss, day, rule);
    if (isRaised && !wasRaised && day >= free) {
      free = day + rule.stable;
      if (day > panel.origin) onset = day - panel.origin;
    }
    wasRaised = isRaised;
  }
  return { peak, cumulative: 0, mean: 0, ill: onset < Infinity ? 1 : 0, dead: 0, death: Infinity, onset };
}

function isRise(edss, day, rule) {
  const needed = Math.min(...edss.subarray(Math.max(0, day - rule.stable), day)) + rule.rise;
  return Math.min(...edss.subarray(day, day + rule.held)) >= needed;
}
