// The page: who is here, and what they see.

import { onEnded, server, signIn, signOut, signUp, who } from "./api.js";
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

function door() {
  const place = element("form", { class: "card door", novalidate: "" });
  let joining = false;
  const user = element("input", { name: "username", autocomplete: "username", autocapitalize: "none", maxlength: "64", required: "" });
  const password = element("input", { name: "password", type: "password", maxlength: "256", required: "" });
  const go = element("button", { type: "submit" });
  const failure = element("p", { class: "failure", role: "alert", hidden: "" });
  const label = element("span");
  const tabs = [false, true].map((up) => {
    const tab = element("button", { class: "tab", type: "button" }, t(up ? "signUp" : "signIn"));
    tab.onclick = () => { joining = up; show(); user.focus(); };
    return tab;
  });
  const show = () => {
    tabs.forEach((tab, up) => tab.setAttribute("aria-pressed", String(Boolean(up) === joining)));
    go.textContent = t(joining ? "signUp" : "signIn");
    label.textContent = t(joining ? "newUser" : "user");
    password.autocomplete = joining ? "new-password" : "current-password";
    failure.hidden = true;
  };
  place.onsubmit = async (event) => {
    event.preventDefault();
    go.disabled = true;
    go.textContent = t("working");
    try {
      await (joining ? signUp : signIn)(user.value, password.value);
      render();
    } catch (error) {
      go.disabled = false;
      show();
      failure.textContent = error.message;
      failure.hidden = false;
    }
  };
  place.append(
    info.open_registration ? element("div", { class: "tabs" }, ...tabs) : element("h2", {}, t("signIn")),
    element("label", {}, label, user), element("label", {}, t("password"), password), go, failure);
  if (!info.open_registration) place.append(element("p", { class: "weak" }, t(info.needs_setup ? "setup" : "closed")));
  show();
  if (told) { failure.textContent = told; failure.hidden = false; told = null; }
  at("main").append(place);
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
  if (!person) return door();
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
