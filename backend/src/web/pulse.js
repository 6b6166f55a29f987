// The pulse of this browser: a number that grows twice a second, kept by the server.

import { socket } from "./api.js";
import { t } from "./texts.js";
import { element } from "./page.js";

const BEAT_MS = 500, MODULO = 100, TAKEN_OVER = 4001;
const NAME = "tillwatch-terminal";

function name() {
  let known = localStorage.getItem(NAME);
  if (!known) {
    known = `navegador-${[...crypto.getRandomValues(new Uint8Array(4))].map((b) => b.toString(16).padStart(2, "0")).join("")}`;
    localStorage.setItem(NAME, known);
  }
  return known;
}

export function pulse(place) {
  const shown = element("strong", { id: "pulse-value" }, "–");
  const step = element("span", { class: "weak" });
  const state = element("span", { class: "weak", role: "status" });
  const resume = element("button", { type: "button", hidden: "" }, t("resume"));
  place.append(element("div", { class: "head" }, element("h2", {}, t("pulse"))),
    element("div", { class: "card pulse" }, shown, step, state, resume, element("span", { class: "weak cut" }, name())));
  let value = null, stride = 1, beat = null, asking = null, link = null;
  const show = () => { shown.textContent = value ?? "–"; step.textContent = `${t("step")} ${stride}`; };
  const still = () => { clearInterval(beat); clearTimeout(asking); beat = asking = null; };
  const ask = (ws) => {
    asking = setTimeout(() => {
      ws.send(JSON.stringify({ type: "request", parity: Math.random() < 0.5 ? "even" : "odd" }));
      ask(ws);
    }, 3000 + Math.random() * 2000);
  };
  const start = () => {
    resume.hidden = true;
    link = socket((token) => `/ws/pulse?client=${encodeURIComponent(name())}&token=${token}`, {
      say: (how) => { state.textContent = how === "on" ? t("pulseOn") : how === "connecting" ? t("connecting") : t("pulseOff", how); },
      message: (told, ws) => {
        if (told.type === "step") stride = told.value;
        if (told.type === "value") {
          value = told.value;
          still();
          beat = setInterval(() => {
            value = (value + stride) % MODULO;
            ws.send(JSON.stringify({ type: "value", value }));
            show();
          }, BEAT_MS);
          ask(ws);
        }
        show();
      },
      closed: (code) => {
        still();
        if (code !== TAKEN_OVER) return false;
        state.textContent = t("taken");
        resume.hidden = false;
        return true;
      },
    });
  };
  resume.onclick = start;
  show();
  start();
  return () => { still(); link.stop(); };
}
