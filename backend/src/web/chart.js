// A small line chart on a canvas: mean as a line, minimum to maximum as a light band, the allowed band shaded,
// gaps open, the value under the pointer told.

import { clock, number } from "./texts.js";

const LEFT = 40, RIGHT = 8, TOP = 8, BOTTOM = 20;

// `points`: [{ at, min, max, mean }] by time; `band`: [low, high]; `gap`: longer pauses stay open.
export function chart(canvas, { points, from, to, band, gap, digits, zone, hover }) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width) return;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.font = "11px system-ui, sans-serif";
  const [low, high] = bounds(points, band, digits);
  const x = (at) => LEFT + ((at - from) / (to - from)) * (width - LEFT - RIGHT);
  const y = (value) => height - BOTTOM - ((value - low) / (high - low)) * (height - TOP - BOTTOM);
  if (band) {
    pen.fillStyle = colour("good-soft");
    const top = Math.max(TOP, y(band[1])), end = Math.min(height - BOTTOM, y(band[0]));
    if (end > top) pen.fillRect(LEFT, top, width - LEFT - RIGHT, end - top);
  }
  pen.strokeStyle = colour("line");
  pen.fillStyle = colour("weak");
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const value of [low, (low + high) / 2, high]) {
    const at = Math.round(y(value)) + 0.5;
    pen.beginPath(); pen.moveTo(LEFT, at); pen.lineTo(width - RIGHT, at); pen.stroke();
    pen.fillText(number(value, digits), LEFT - 6, at);
  }
  pen.textBaseline = "bottom";
  for (const [share, align] of [[0, "left"], [0.5, "center"], [1, "right"]]) {
    pen.textAlign = align;
    pen.fillText(clock(from + (to - from) * share, zone), LEFT + share * (width - LEFT - RIGHT), height - 2);
  }
  const runs = [];
  for (const point of points.filter((p) => p.at >= from && p.at <= to)) {
    const last = runs.at(-1)?.at(-1);
    if (!last || point.at - last.at > gap) runs.push([point]);
    else runs.at(-1).push(point);
  }
  pen.save();
  pen.beginPath(); pen.rect(LEFT, 0, width - LEFT - RIGHT + 2, height - BOTTOM + 1); pen.clip();
  for (const run of runs) {
    pen.globalAlpha = 0.2;
    pen.fillStyle = colour("series");
    pen.beginPath();
    run.forEach((p) => pen.lineTo(x(p.at), y(p.max)));
    run.toReversed().forEach((p) => pen.lineTo(x(p.at), y(p.min)));
    pen.fill();
    pen.globalAlpha = 1;
    pen.strokeStyle = colour("series");
    pen.lineWidth = 1.75;
    pen.lineJoin = "round";
    pen.beginPath();
    run.forEach((p) => pen.lineTo(x(p.at), y(p.mean)));
    if (run.length === 1) pen.arc(x(run[0].at), y(run[0].mean), 1.5, 0, 7);
    pen.stroke();
  }
  pen.restore();
  if (hover == null) return null;
  const at = from + ((hover - LEFT) / (width - LEFT - RIGHT)) * (to - from);
  const all = runs.flat();
  const near = all.reduce((best, p) => (!best || Math.abs(p.at - at) < Math.abs(best.at - at) ? p : best), null);
  if (!near) return null;
  pen.strokeStyle = colour("outline");
  pen.lineWidth = 1;
  pen.beginPath(); pen.moveTo(x(near.at), TOP); pen.lineTo(x(near.at), height - BOTTOM); pen.stroke();
  pen.fillStyle = colour("series");
  pen.beginPath(); pen.arc(x(near.at), y(near.mean), 3, 0, 7); pen.fill();
  return near;
}

// What the axis spans: all values and the allowed band, with a little air, never flat.
function bounds(points, band, digits) {
  let low = Infinity, high = -Infinity;
  for (const p of points) { low = Math.min(low, p.min); high = Math.max(high, p.max); }
  if (band) { low = Math.min(low, band[0]); high = Math.max(high, band[1]); }
  if (low > high) [low, high] = [0, 1];
  const least = 2 * 10 ** -digits;
  const air = Math.max((high - low) * 0.08, (least - (high - low)) / 2, 0);
  return [low - air, high + air];
}
