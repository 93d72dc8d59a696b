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
  // `own`: values of the reader's own, by the name of a parameter.
  constructor(page, subject, treatment, panel, first, end, own = {}) {
    Object.assign(this, { page, treatment, panel });
    this.system = SYSTEMS[treatment.drug];
    this.drug = page.drugs[treatment.drug];
    this.space = workspace(this.system);
    const rows = (table) => unpacked(table, subject.animals).slice(first, end);
    this.parameters = withOwn(rows(treatment.parameters), treatment.own, own, this.system.parameters, first);
    this.initial = rows(treatment.initial);
    this.induced = panel.isAttack ? rows(treatment.attack).map(triples) : this.eventsOf(panel.events);
    if (!panel.isAttack) {
      const noise = numbers(subject.noise), width = noise.length / subject.animals;
      this.noise = this.parameters.map((_, i) => noise.subarray((first + i) * width, (first + i) * width + panel.until + 1));
      this.death = numbers(subject.death).slice(first, end);
    }
    this.marks = panel.days.map((day) => panel.origin + day);
    this.control = this.parameters.map((_, i) => this.run(i, this.induced[i], [], { keep: true }));
    const without = panel.without && this.eventsOf(panel.without);
    this.spontaneous = without && this.parameters.map((_, i) => this.run(i, without[i], []));
  }

  get size() { return this.parameters.length; }

  eventsOf(inductions) {
    return this.parameters.map((own) => inductions.map((one) => [one.day, one.state, amountOf(one, own)]));
  }

  // One animal with its inductions and a schedule of doses. `from`: the control and its moment before the first dose,
  // where a run begins that is equal to it until then. `every`: days between readings from `first` on, by default
  // the first dose.
  run(i, inductions, schedules, { keep = false, every = 1, from = null, first = null } = {}) {
    const own = this.parameters[i], { system, space, panel, page } = this;
    const given = schedules.flatMap((each) => doseEvents(each, this.drug.routes[each.route], this.drug.infusion, own));
    const events = byDay([...inductions, ...given]);
    const start = Math.min(0, ...events.map((event) => event[0]));
    first = every < 1 ? Math.max(start, first ?? Math.min(panel.until, ...schedules.map((each) => each.day))) : panel.until;
    const times = every < 1 ? Float64Array.from([...range(start, first), ...range(first + every, panel.until, every)]) : range(0, panel.until);
    const values = Array.from({ length: system.quantities }, () => new Float64Array(times.length));
    if (from) from.values.forEach((before, q) => values[q].set(before.subarray(0, from.moment.read)));
    const begin = from ? from.moment : { time: start, wanted: FIRST_STEP, state: this.initial[i], read: 0 };
    const moments = keep ? {} : null;
    system.prepare(own, space.c);
    const done = integrate(system, space, begin, events, times, page.tolerance, values, keep ? this.marks : [], moments);
    const placeOf = (day) => (day <= first ? day - start : first - start + (day - first) / every);
    const whole = (column) => (every === 1 ? column : Float64Array.from({ length: panel.until + 1 }, (_, day) => column[placeOf(day)]));
    return { done, values, moments, times, ...(done && this.read(i, values.map(whole))) };
  }

  // What is seen of an animal, or a patient's EDSS, by day; and the endpoints.
  read(i, [severity, hazard, , edss]) {
    const { page, panel } = this;
    if (panel.isAttack) {
      const seen = { score: edss.map((value) => Math.min(Math.max(value, 0), 10)), death: Infinity };
      return { seen, read: patientEndpoints(seen.score, panel, page.relapse) };
    }
    const seen = daily(severity, hazard, this.noise[i], this.death[i], this.parameters[i], page.reading);
    return { seen, read: endpoints(seen, panel, page.deadScore) };
  }

  // The treated animals of one schedule. A dose that waits for a sign is given so many days (`day`) after it: until
  // then a course is that of the control, so the sign is there too. Runs equal to the control up to the first dose
  // begin from it.
  treated(schedule, every = 1) {
    const { panel } = this, { sign } = schedule, induced = panel.isRelapse ? panel.origin : null;
    return this.parameters.map((_, i) => {
      const control = this.control[i];
      if (!control.done) return control;
      const day = sign ? signDay(control.seen, { sign, after: schedule.day, induced }) : schedule.day + panel.origin;
      const given = day < Infinity ? [{ ...schedule, day }] : [];
      if (every < 1 && sign) return { ...this.run(i, this.induced[i], given, { every, first: 0 }), dosed: given.length };
      if (!given.length) return { ...control, dosed: 0 };
      const moment = control.moments[Math.max(...this.marks.filter((mark) => mark <= day && control.moments[mark]))];
      const from = moment && { moment, values: control.values };
      return { ...this.run(i, this.induced[i], given, { every, from }), dosed: 1 };
    });
  }

  // What the page needs of one dosing day: endpoints of each animal, and with `courses` sums over animals.
  answer(schedule, courses) {
    const runs = this.treated(schedule, courses ? this.page.every : 1);
    const arms = { treated: runs, control: this.control, spontaneous: this.spontaneous || [] };
    const found = { size: this.size, dosed: Float64Array.from(runs, (one) => one.dosed || 0), arms: {} };
    for (const [name, each] of Object.entries(arms)) {
      found.arms[name] = {};
      for (const endpoint of ["peak", "cumulative", "mean", "ill", "dead", "death"])
        found.arms[name][endpoint] = Float64Array.from(each, (one) => (one.done ? one.read[endpoint] : NaN));
    }
    if (courses) {
      // Of patients, those who relapse without the dose: an attack that stays below a relapse hardly shows.
      const isShown = (_, i) => !this.panel.isAttack || (this.control[i].done && this.control[i].read.ill);
      found.courses = { treated: courseSums(runs.filter(isShown), this.panel), control: courseSums(this.control.filter(isShown), this.panel) };
      found.plasma = plasmaSums(runs);
    }
    return found;
  }
}

// Rows of parameters with values of the reader's own instead of the package's. Animals that differ in one keep
// the factor by which they differ from the value of their parameter set.
function withOwn(rows, replaceable, own, names, first) {
  for (const [name, value] of Object.entries(own)) {
    const place = names.indexOf(name), { typical } = replaceable[name];
    const of = typical === null ? null : typeof typical === "number" ? [typical] : numbers(typical);
    rows.forEach((row, i) => { row[place] = of === null ? value : value * (row[place] / of[(first + i) % of.length]); });
  }
  return rows;
}

// A row of days, states and amounts as events; a day of infinity is none.
function triples(row) {
  const events = [];
  for (let place = 0; place < row.length; place += 3) if (row[place] < Infinity) events.push(Array.from(row.subarray(place, place + 3)));
  return events;
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
