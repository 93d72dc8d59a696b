"use strict";
// Some of the animals of one treatment, simulated with and without it.

// A column of a table is one number, one for each parameter set (animals take turns), or one for each animal.
function unpacked(table, animals) {
  const rows = Array.from({ length: animals }, () => new Float64Array(table.length));
  table.forEach((column, place) => {
    const values = typeof column === "number" ? [column] : numbers(column);
    rows.forEach((row, animal) => { row[place] = values[animal % values.length]; });
  });
  return rows;
}

function numbers(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Float64Array(bytes.buffer);
}

function range(first, last, step = 1) {
  return Float64Array.from({ length: Math.round((last - first) / step) + 1 }, (_, place) => first + place * step);
}

class Group {
  constructor(page, subject, treatment, panel, first, end) {
    Object.assign(this, { page, treatment, panel });
    this.system = SYSTEMS[treatment.drug];
    this.drug = page.drugs[treatment.drug];
    this.space = workspace(this.system);
    this.parameters = unpacked(treatment.parameters, page.animals).slice(first, end);
    this.initial = unpacked(treatment.initial, page.animals).slice(first, end);
    const noise = numbers(subject.noise), width = noise.length / page.animals;
    this.noise = this.parameters.map((_, i) => noise.subarray((first + i) * width, (first + i) * width + panel.until + 1));
    this.death = numbers(subject.death).slice(first, end);
    this.marks = Array.from(range(panel.origin + page.days[0], panel.origin + page.days[1]));
    this.control = this.parameters.map((_, i) => this.run(i, panel.events, [], { keep: true }));
    this.spontaneous = panel.without && this.parameters.map((_, i) => this.run(i, panel.without, []));
  }

  get size() { return this.parameters.length; }

  // One animal with its inductions and a schedule of doses. `from`: the control and its moment before the first dose,
  // where a run begins that is equal to it until then. `every`: days between readings from the first dose on.
  run(i, inductions, schedules, { keep = false, every = 1, from = null } = {}) {
    const own = this.parameters[i], { system, space, panel, page } = this;
    const given = schedules.flatMap((each) => doseEvents(each, this.drug.routes[each.route], this.drug.infusion, own));
    const events = byDay([...inductions.map((one) => [one.day, one.state, amountOf(one, own)]), ...given]);
    const start = Math.min(0, ...events.map((event) => event[0]));
    const first = every < 1 ? Math.max(start, Math.min(panel.until, ...schedules.map((each) => each.day))) : panel.until;
    const times = every < 1 ? Float64Array.from([...range(start, first), ...range(first + every, panel.until, every)]) : range(0, panel.until);
    const values = Array.from({ length: system.quantities }, () => new Float64Array(times.length));
    if (from) from.values.forEach((before, q) => values[q].set(before.subarray(0, from.moment.read)));
    const begin = from ? from.moment : { time: start, wanted: FIRST_STEP, state: this.initial[i], read: 0 };
    const moments = keep ? {} : null;
    system.prepare(own, space.c);
    const done = integrate(system, space, begin, events, times, page.tolerance, values, keep ? this.marks : [], moments);
    const placeOf = (day) => (every === 1 ? day : day <= first ? day - start : first - start + (day - first) / every);
    const whole = (column) => Float64Array.from({ length: panel.until + 1 }, (_, day) => column[placeOf(day)]);
    const seen = done ? daily(whole(values[0]), whole(values[1]), this.noise[i], this.death[i], own, page.reading) : null;
    return { done, values, moments, times, seen, read: done && endpoints(seen, panel, page.deadScore) };
  }

  // The treated animals of one schedule; runs equal to the control up to the first dose begin from it.
  treated(schedule, every = 1) {
    const given = { ...schedule, day: schedule.day + this.panel.origin };
    return this.parameters.map((_, i) => {
      const moment = this.control[i].moments[given.day];
      const from = moment && { moment, values: this.control[i].values };
      return this.run(i, this.panel.events, [given], { every, from });
    });
  }

  // What the page needs of one dosing day: endpoints of each animal, and with `courses` sums over animals.
  answer(schedule, courses) {
    const runs = this.treated(schedule, courses ? this.page.every : 1);
    const arms = { treated: runs, control: this.control, spontaneous: this.spontaneous || [] };
    const found = { size: this.size, arms: {} };
    for (const [name, each] of Object.entries(arms)) {
      found.arms[name] = {};
      for (const endpoint of ["peak", "cumulative", "mean", "ill", "dead", "death"])
        found.arms[name][endpoint] = Float64Array.from(each, (one) => (one.done ? one.read[endpoint] : NaN));
    }
    if (courses) {
      found.courses = { treated: courseSums(runs, this.panel), control: courseSums(this.control, this.panel) };
      found.plasma = plasmaSums(runs);
    }
    return found;
  }
}

// By day: animals alive, and the sum of their scores; and the courses of the first animals.
function courseSums(runs, panel) {
  const days = panel.until + 1, sums = { alive: new Float64Array(days), score: new Float64Array(days), first: [] };
  for (const run of runs.filter((one) => one.done)) {
    if (sums.first.length < 20) sums.first.push(Array.from(run.seen.score, (score, day) => (day >= run.seen.death ? NaN : score)));
    for (let day = 0; day < Math.min(days, run.seen.death); day++) {
      sums.alive[day]++;
      sums.score[day] += run.seen.score[day];
    }
  }
  return sums;
}

function plasmaSums(runs) {
  const done = runs.filter((one) => one.done), times = done.length ? done[0].times : [];
  const total = new Float64Array(times.length);
  for (const run of done) run.values[2].forEach((value, place) => { total[place] += value; });
  return { times, total, animals: done.length };
}
