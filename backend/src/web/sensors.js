// The sensors: newest values live, history as charts.

import { get, socket } from "./api.js";
import { chart } from "./chart.js";
import { filter } from "./filter.js";
import { clock, number, span, t } from "./texts.js";
import { element } from "./page.js";

const RANGES = [[1, "1 h"], [6, "6 h"], [24, "24 h"]];
const MEASURES = { temperature: [1, "°C"], humidity: [0, "%"], pressure: [1, "hPa"] };
const AT_ONCE = 64, POINTS = 180, KEPT = 3000;
// Cards at first, and more at a time: what lies below them must stay within reach.
const CARDS = 48;
// Without a reading for so long, somebody should look.
const SILENT_MS = 600_000;
// Charts this near to the window are made ready.
const NEAR = "300px";
// A sensor that came anew is looked up, but not more often than this.
const LOOK_AGAIN_MS = 2000;

// `info` tells the zone and the server's time; `say` hears how the connection is.
export function sensors(place, info, say) {
  const { zone } = info;
  const ahead = Date.parse(info.server_at) - Date.now();
  const now = () => Date.now() + ahead;
  const cards = new Map();
  let hours = 6, measure = "temperature", looked = 0, soon = null, stopped = false, pending = null;
  // Histories of an earlier `edition` are out of date.
  let edition = 0, reading = false, listed = false, most = CARDS;
  // Cards of which something is to be told anew.
  const stale = new Set();
  const shownOnes = filter(() => { most = CARDS; sift(); });
  const more = element("button", { class: "tab more", type: "button", hidden: "" });
  more.onclick = () => { most += CARDS; sift(); };
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const made = cards.get(entry.target.dataset.sensor);
      made.near = entry.isIntersecting;
      if (made.near) stale.add(made);
    }
    history();
    drawSoon();
  }, { rootMargin: NEAR });
  const grid = element("div", { class: "grid" });
  const note = element("p", { class: "card weak" }, t("loadingSensors"));
  const choice = (items, current, choose) => items.map(([value, text]) => {
    const button = element("button", { class: "tab", type: "button", "aria-pressed": String(value === current()) }, text);
    button.onclick = () => {
      choose(value);
      button.parentElement.querySelectorAll("button").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    };
    return button;
  });
  place.append(
    element("div", { class: "head" }, element("h2", {}, t("sensors")),
      element("div", { class: "tabs" }, ...choice(Object.keys(MEASURES).map((m) => [m, t(m)]), () => measure, (m) => { measure = m; drawAll(); })),
      element("div", { class: "tabs", role: "group", "aria-label": t("range") }, ...choice(RANGES, () => hours, (h) => { hours = h; edition += 1; history(); drawAll(); }))),
    shownOnes.place, note, grid, more);

  async function look() {
    looked = Date.now();
    clearTimeout(soon);
    soon = null;
    try {
      const list = await get("/api/v1/sensors");
      if (stopped) return;
      for (const sensor of list) {
        const id = String(sensor.id);
        const known = cards.get(id);
        if (known) { known.sensor = sensor; continue; }
        const made = card(sensor);
        cards.set(id, made);
        grid.append(made.box);
        near.observe(made.box);
        if (sensor.last) made.last = { ...sensor.last, at: Date.parse(sensor.last.measured_at) };
      }
      listed = true;
      edition += 1;
      drawAll();
      history();
    } catch (error) {
      if (stopped) return;
      const again = element("button", { type: "button" }, t("again"));
      again.onclick = look;
      note.hidden = cards.size > 0;
      note.replaceChildren(`${t("sensorsFailed")} ${error.message} `, again);
    }
  }

  // Reads the histories that are missing of the cards that are near, until none is.
  async function history() {
    if (reading) return;
    reading = true;
    try {
      while (!stopped) {
        const part = [...cards.values()].filter((made) => made.near && made.edition !== edition).slice(0, AT_ONCE);
        if (!part.length) break;
        await read(part);
      }
    } catch {
      // The next tick tries again.
    } finally {
      reading = false;
    }
  }

  async function read(part) {
    const wanted = edition, to = now(), from = to - hours * 3_600_000;
    const query = new URLSearchParams({ sensors: part.map((made) => made.sensor.id).join(","), from: new Date(from).toISOString(), to: new Date(to + 1000).toISOString(), points: POINTS });
    const answer = await get(`/api/v1/series?${query}`);
    answer.series.forEach((series, place) => {
      const made = part[place];
      // What came live meanwhile stays.
      const later = made.points.filter((point) => point.at > to);
      made.edition = wanted;
      made.step = answer.step_micros / 1000;
      made.points = series.start_micros.map((start, i) => {
        const point = { at: start / 1000 + made.step / 2 };
        for (const m of Object.keys(MEASURES)) point[m] = { min: series[m].min[i], max: series[m].max[i], mean: series[m].mean[i] };
        return point;
      }).concat(later);
      stale.add(made);
    });
    drawSoon();
  }

  function card(sensor) {
    const made = { sensor, points: [], step: 60_000, last: null, hover: null, near: false, edition: -1 };
    made.big = element("strong", {}, "–");
    made.rest = element("span", { class: "weak" });
    made.tag = element("span", { class: "tag", hidden: "" });
    made.age = element("span", { class: "weak" });
    made.canvas = element("canvas", { role: "img" });
    made.told = element("p", { class: "hover weak" });
    made.title = element("h3", { title: sensor.name }, sensor.name);
    made.now = element("p", { class: "now" }, made.big, made.rest, made.tag, made.age);
    made.box = element("article", { class: "card sensor", "data-sensor": String(sensor.id) }, made.title, made.now, made.canvas, made.told);
    made.canvas.onpointermove = (event) => { made.hover = event.offsetX; draw(made); };
    made.canvas.onpointerleave = () => { made.hover = null; draw(made); };
    return made;
  }

  // What somebody should look at, if anything.
  function alert({ sensor, last }) {
    const { low_celsius: low, high_celsius: high } = sensor;
    if (!last) return null;
    if (now() - last.at > SILENT_MS) return "silent";
    return high != null && last.temperature > high ? "high" : low != null && last.temperature < low ? "low" : null;
  }

  function tell(made) {
    const { sensor, last } = made, [digits, unit] = MEASURES[measure];
    made.title.textContent = made.title.title = sensor.name;
    made.big.textContent = last ? `${number(last[measure], digits)} ${unit}` : t("noReading");
    made.big.classList.toggle("none", !last);
    made.rest.textContent = last ? Object.keys(MEASURES).filter((m) => m !== measure).map((m) => `${number(last[m], MEASURES[m][0])} ${MEASURES[m][1]}`).join(" · ") : "";
    const why = alert(made);
    made.tag.hidden = !why;
    made.tag.textContent = why ? `▲ ${t(why)}` : "";
    made.age.textContent = last ? t("ago", span(now() - last.at)) : "";
    made.canvas.setAttribute("aria-label", `${sensor.name}: ${made.big.textContent}`);
  }

  function draw(made) {
    const { low_celsius: low, high_celsius: high } = made.sensor, [digits, unit] = MEASURES[measure];
    const points = made.points.map((p) => ({ at: p.at, ...p[measure] }));
    const band = measure === "temperature" && low != null && high != null ? [low, high] : null;
    const to = now();
    const at = chart(made.canvas, { points, from: to - hours * 3_600_000, to, band, gap: Math.max(made.step * 3, 180_000), digits, zone, hover: made.hover });
    made.told.textContent = at ? `${clock(at.at, zone, true)} · ${number(at.mean, digits)} ${unit}` : points.length || made.edition < 0 ? "" : t("noHistory");
  }

  // Shows the cards that pass the filter.
  function sift() {
    let alerting = 0, passing = 0;
    for (const made of cards.values()) {
      const why = Boolean(alert(made)), passes = shownOnes.passes(made.sensor, why);
      alerting += why;
      passing += passes;
      made.box.hidden = !passes || passing > most;
    }
    more.hidden = passing <= most;
    more.textContent = t("more", Math.min(CARDS, passing - most), passing - most);
    shownOnes.tell(cards.size, alerting, passing);
    if (!listed) return;
    note.hidden = passing > 0;
    note.textContent = t(cards.size ? "noneFound" : "noSensors");
  }

  function drawAll() {
    cards.forEach((made) => stale.add(made));
    drawSoon();
  }

  // Many readings in a moment are drawn once, and charts that nobody can see are not.
  function drawSoon() {
    pending ??= requestAnimationFrame(() => {
      pending = null;
      if (stopped) return;
      sift();
      for (const made of stale) {
        tell(made);
        if (made.near) draw(made);
      }
      stale.clear();
    });
  }

  function heard(reading) {
    const made = cards.get(String(reading.sensor_id));
    if (!made) {
      soon ??= setTimeout(look, Math.max(0, looked + LOOK_AGAIN_MS - Date.now()));
      return;
    }
    const at = moment(reading.date_recorded, reading.time_recorded, zone);
    if (!made.last || at >= made.last.at - 1000) {
      made.last = { ...reading, at };
      made.now.classList.remove("fresh");
      requestAnimationFrame(() => made.now.classList.add("fresh"));
    }
    const point = { at };
    for (const m of Object.keys(MEASURES)) point[m] = { min: reading[m], max: reading[m], mean: reading[m] };
    const place = made.points.findLastIndex((p) => p.at <= at);
    made.points.splice(place + 1, 0, point);
    if (made.points.length > KEPT) made.points.shift();
    stale.add(made);
    drawSoon();
  }

  look();
  const live = socket((token) => `/ws/sensor_updates?token=${token}`, { say, message: heard });
  const ticking = setInterval(() => { drawAll(); history(); }, 5000);
  // A phone that slept has missed readings.
  const woke = () => { if (!document.hidden) look(); };
  document.addEventListener("visibilitychange", woke);
  window.addEventListener("resize", drawAll);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", drawAll);
  return () => {
    stopped = true;
    near.disconnect();
    live.stop();
    clearInterval(ticking);
    clearTimeout(soon);
    document.removeEventListener("visibilitychange", woke);
    window.removeEventListener("resize", drawAll);
    dark.removeEventListener("change", drawAll);
  };
}

// The instant of a date and time of day in a zone, in milliseconds.
function moment(date, time, zone) {
  const wall = Date.parse(`${date}T${time}Z`);
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(wall);
  const part = Object.fromEntries(parts.map((p) => [p.type, Number(p.value)]));
  const shown = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return wall - (shown - wall);
}
