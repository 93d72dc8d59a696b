"use strict";
// A worker has some of the animals. It answers the dosing day that is asked first, then the others; a newer
// question ends an older one.
let page = null, part = null, newest = 0;
const groups = new Map();

self.onmessage = ({ data }) => {
  if (data.page) { ({ page, part } = data); return; }
  newest = data.number;
  setTimeout(() => work(data, [...data.days]));
};

function work(question, left) {
  if (question.number !== newest) return;
  const { subject, treatment, panel, own } = question, name = JSON.stringify([subject, treatment, panel, own]);
  if (!groups.has(name)) {
    if (groups.size > 3) groups.delete(groups.keys().next().value);
    const whole = page.subjects[subject], [place, count] = part;
    const ends = [place, place + 1].map((each) => Math.round((each * whole.animals) / count));
    groups.set(name, new Group(page, whole, whole.treatments[treatment], whole.panels[panel], ...ends, own));
  }
  const day = left.shift(), courses = question.withCourses && day === question.days[0];
  const answer = groups.get(name).answer({ ...question.schedule, day }, courses);
  self.postMessage({ number: question.number, place: part[0], day, answer });
  if (left.length) setTimeout(() => work(question, left));
}
