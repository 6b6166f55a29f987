// Which of many sensors are shown: by words of their name, and those that need somebody.

import { element } from "./page.js";
import { t } from "./texts.js";

// Fewer are found without it.
const FROM = 9;

const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// `changed` hears that something else is to be shown.
export function filter(changed) {
  let alerts = false, words = [];
  const search = element("input", { type: "search", placeholder: t("search"), "aria-label": t("search"), maxlength: "120" });
  const tabs = [false, true].map((only) => {
    const tab = element("button", { class: "tab", type: "button" });
    tab.onclick = () => { alerts = only; changed(); };
    return tab;
  });
  const count = element("span", { class: "weak", role: "status" });
  const place = element("div", { class: "filter", hidden: "" }, search, element("div", { class: "tabs" }, ...tabs), count);
  search.oninput = () => { words = folded(search.value).split(/\s+/).filter(Boolean); changed(); };
  return {
    place,
    passes(sensor, alert) {
      const name = folded(`${sensor.name} ${sensor.id}`);
      return words.every((word) => name.includes(word)) && (!alerts || alert);
    },
    // How many there are, need somebody, and are shown.
    tell(all, alerting, shown) {
      place.hidden = all < FROM;
      tabs.forEach((tab, only) => tab.setAttribute("aria-pressed", String(Boolean(only) === alerts)));
      tabs[0].textContent = t("every");
      tabs[1].textContent = t("alerts", alerting);
      count.textContent = shown === all ? "" : t("shown", shown, all);
    },
  };
}
