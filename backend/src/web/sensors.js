// The sensors: newest values live, history as charts.

import { get, socket } from "./api.js";
import { chart } from "./chart.js";
import { clock, number, span, t } from "./texts.js";
import { element } from "./page.js";

const RANGES = [[1, "1 h"], [6, "6 h"], [24, "24 h"]];
const MEASURES = { temperature: [1, "°C"], humidity: [0, "%"], pressure: [1, "hPa"] };
const AT_ONCE = 64, POINTS = 180, KEPT = 3000;
// A sensor that came anew is looked up, but not more often than this.
const LOOK_AGAIN_MS = 2000;

// `info` tells the zone and the server's time; `say` hears how the connection is.
export function sensors(place, info, say) {
  const { zone } = info;
  const ahead = Date.parse(info.server_at) - Date.now();
  const now = () => Date.now() + ahead;
  const cards = new Map();
  let hours = 6, measure = "temperature", looked = 0, soon = null, stopped = false, pending = null;
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
      element("div", { class: "tabs", role: "group", "aria-label": t("range") }, ...choice(RANGES, () => hours, (h) => { hours = h; history(); }))),
    note, grid);

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
        if (sensor.last) made.last = { ...sensor.last, at: Date.parse(sensor.last.measured_at) };
      }
      note.hidden = cards.size > 0;
      note.textContent = t("noSensors");
      await history();
    } catch (error) {
      if (stopped) return;
      const again = element("button", { type: "button" }, t("again"));
      again.onclick = look;
      note.hidden = cards.size > 0;
      note.replaceChildren(`${t("sensorsFailed")} ${error.message} `, again);
    }
  }

  async function history() {
    const ids = [...cards.keys()], to = now(), from = to - hours * 3_600_000;
    for (let start = 0; start < ids.length && !stopped; start += AT_ONCE) {
      const part = ids.slice(start, start + AT_ONCE);
      const query = new URLSearchParams({ sensors: part.join(","), from: new Date(from).toISOString(), to: new Date(to + 1000).toISOString(), points: POINTS });
      const answer = await get(`/api/v1/series?${query}`);
      answer.series.forEach((series, place) => {
        const found = cards.get(part[place]);
        found.step = answer.step_micros / 1000;
        found.points = series.start_micros.map((start, i) => {
          const point = { at: start / 1000 + found.step / 2 };
          for (const m of Object.keys(MEASURES)) point[m] = { min: series[m].min[i], max: series[m].max[i], mean: series[m].mean[i] };
          return point;
        });
      });
    }
    drawAll();
  }

  function card(sensor) {
    const made = { sensor, points: [], step: 60_000, last: null, hover: null };
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

  function draw(made) {
    const { sensor, last } = made, [digits, unit] = MEASURES[measure];
    const { low_celsius: low, high_celsius: high } = sensor;
    made.title.textContent = made.title.title = sensor.name;
    made.big.textContent = last ? `${number(last[measure], digits)} ${unit}` : t("noReading");
    made.big.classList.toggle("none", !last);
    made.rest.textContent = last ? Object.keys(MEASURES).filter((m) => m !== measure).map((m) => `${number(last[m], MEASURES[m][0])} ${MEASURES[m][1]}`).join(" · ") : "";
    const outside = last && (high != null && last.temperature > high ? "high" : low != null && last.temperature < low ? "low" : null);
    made.tag.hidden = !outside;
    made.tag.textContent = outside ? `▲ ${t(outside)}` : "";
    made.age.textContent = last ? t("ago", span(now() - last.at)) : "";
    const points = made.points.map((p) => ({ at: p.at, ...p[measure] }));
    const band = measure === "temperature" && low != null && high != null ? [low, high] : null;
    const to = now();
    const near = chart(made.canvas, { points, from: to - hours * 3_600_000, to, band, gap: Math.max(made.step * 3, 180_000), digits, zone, hover: made.hover });
    made.told.textContent = near ? `${clock(near.at, zone, true)} · ${number(near.mean, digits)} ${unit}` : points.length ? "" : t("noHistory");
    made.canvas.setAttribute("aria-label", `${sensor.name}: ${made.big.textContent}`);
  }

  // Many readings in a moment are drawn once.
  function drawAll() {
    pending ??= requestAnimationFrame(() => { pending = null; if (!stopped) cards.forEach(draw); });
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
    drawAll();
  }

  look();
  const live = socket((token) => `/ws/sensor_updates?token=${token}`, { say, message: heard });
  const ticking = setInterval(drawAll, 5000);
  // A phone that slept has missed readings.
  const woke = () => { if (!document.hidden) look(); };
  document.addEventListener("visibilitychange", woke);
  window.addEventListener("resize", drawAll);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", drawAll);
  return () => {
    stopped = true;
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
