// The door: signing in, making an account where the server lets one, and the first start of a shop.

import { setUp, signIn, signUp } from "./api.js";
import { element } from "./page.js";
import { t } from "./texts.js";

const ACTIONS = { signIn, signUp, setUp };

function field(name, label, more = {}) {
  const input = element("input", { name, maxlength: "64", required: "", ...more });
  const words = element("span", {}, label);
  return { input, words, row: element("label", {}, words, input) };
}

// `info` is what the server says of itself, `told` what is to be said first. `entered` hears that somebody is in,
// `outdated` that `info` is no longer true, and why.
export function door(info, told, { entered, outdated }) {
  const place = element("form", { class: "card door", novalidate: "" });
  const name = { autocapitalize: "none", autocomplete: "username" };
  const code = field("code", t("code"), { autocapitalize: "characters", autocomplete: "one-time-code", spellcheck: "false" });
  const user = field("username", "", name);
  const password = field("password", "", { type: "password", maxlength: "256" });
  const store = field("store_name", t("storeName"), { maxlength: "120", autocomplete: "organization" });
  const go = element("button", { type: "submit" });
  const failure = element("p", { class: "failure", role: "alert", hidden: "" });
  let mode = info.needs_setup ? "setUp" : "signIn";
  const tabs = ["signIn", "signUp"].map((other) => {
    const tab = element("button", { class: "tab", type: "button" }, t(other));
    tab.onclick = () => { mode = other; show(); user.input.focus(); };
    return [other, tab];
  });
  const say = (text) => { failure.textContent = text ?? ""; failure.hidden = !text; };
  const show = (text) => {
    tabs.forEach(([other, tab]) => tab.setAttribute("aria-pressed", String(other === mode)));
    go.disabled = false;
    go.textContent = t(mode === "setUp" ? "setUpDo" : mode);
    user.words.textContent = t(mode === "signIn" ? "user" : "newUser");
    password.words.textContent = t(mode === "signIn" ? "password" : "newPassword");
    password.input.autocomplete = mode === "signIn" ? "current-password" : "new-password";
    say(text);
  };
  place.onsubmit = async (event) => {
    event.preventDefault();
    go.disabled = true;
    go.textContent = t("working");
    try {
      await ACTIONS[mode](user.input.value, password.input.value, code.input.value, store.input.value);
      entered(mode === "setUp");
    } catch (error) {
      // Somebody else was first.
      if (mode === "setUp" && error.status === 409) outdated(error.message);
      else show(error.message);
    }
  };
  if (info.needs_setup) {
    place.append(element("h2", {}, t("setUp")), element("p", { class: "weak" }, t("setUpHint")), code.row, user.row, password.row, store.row);
  } else {
    const head = info.open_registration ? element("div", { class: "tabs" }, ...tabs.map(([, tab]) => tab)) : element("h2", {}, t("signIn"));
    place.append(head, user.row, password.row);
  }
  place.append(go, failure);
  if (!info.open_registration && !info.needs_setup) place.append(element("p", { class: "weak" }, t("closed")));
  show(told);
  return place;
}
