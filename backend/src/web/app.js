// The page: who is here, and what they see.

import { onEnded, server, signOut, who } from "./api.js";
import { door } from "./door.js";
import { element } from "./page.js";
import { pulse } from "./pulse.js";
import { sales } from "./sales.js";
import { sensors } from "./sensors.js";
import { switchLanguage, t, tag } from "./texts.js";

const at = (id) => document.getElementById(id);
let info = null, parts = [], told = null;

function say(how) {
  at("link").className = how === "on" ? "link on" : "link";
  at("link").textContent = how === null ? "" : how === "on" ? t("on") : how === "connecting" ? t("connecting") : t("off", how);
}

function section(make, ...more) {
  const place = element("section");
  at("main").append(place);
  parts.push(make(place, ...more));
}

function render() {
  parts.forEach((stop) => stop());
  parts = [];
  at("main").replaceChildren();
  document.documentElement.lang = tag();
  at("language").textContent = t("other");
  at("leave").textContent = t("leave");
  at("to-api").textContent = t("api");
  at("to-health").textContent = t("health");
  at("to-metrics").textContent = t("metrics");
  const person = who()?.person;
  at("who").textContent = person?.name ?? "";
  at("leave").hidden = !person;
  say(null);
  if (!info) return;
  at("banner").hidden = !info.demo;
  at("banner").textContent = t("demo");
  if (!person) {
    at("main").append(door(info, told, { entered: (anew) => (anew ? begin() : render()), outdated: (why) => { told = why; begin(); } }));
    told = null;
    return;
  }
  section(sensors, info, say);
  if (person.role !== "seller") section(sales);
  section(pulse);
}

async function begin(wait = 1) {
  try {
    info = await server();
    render();
  } catch (error) {
    at("main").replaceChildren(element("p", { class: "card failure", role: "alert" }, `${error.message} ${t("off", wait)}`));
    setTimeout(() => begin(Math.min(wait * 2, 60)), wait * 1000);
  }
}

at("language").onclick = () => { switchLanguage(); render(); };
at("leave").onclick = async () => { await signOut(); render(); };
onEnded(() => { told = t("ended"); render(); });
render();
begin();
