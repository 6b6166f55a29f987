// Today's sales of each store, for managers.

import { get } from "./api.js";
import { money, t } from "./texts.js";
import { element } from "./page.js";

const EVERY_MS = 10_000;

export function sales(place) {
  const body = element("div", {}, element("p", { class: "weak" }, t("working")));
  place.append(element("div", { class: "head" }, element("h2", {}, t("sales"))), element("div", { class: "card" }, body));
  const row = (cells, kind = "td") => element("tr", {}, ...cells.map((cell) => element(kind, {}, cell)));
  async function look() {
    try {
      const totals = await get("/api/v1/day-totals");
      if (!totals.length) return body.replaceChildren(element("p", { class: "weak" }, t("noStores")));
      const sum = (name) => totals.reduce((all, total) => all + total[name], 0);
      body.replaceChildren(element("table", {},
        element("thead", {}, row([t("store"), t("count"), t("total")], "th")),
        element("tbody", {}, ...totals.map((total) => row([total.store_name, String(total.sales), money(total.total_cents)]))),
        element("tfoot", {}, row([t("all"), String(sum("sales")), money(sum("total_cents"))]))));
    } catch (error) {
      body.querySelector(".failure")?.remove();
      body.prepend(element("p", { class: "failure" }, `${t("salesFailed")} ${error.message}`));
    }
  }
  look();
  const timer = setInterval(() => { if (!document.hidden) look(); }, EVERY_MS);
  return () => clearInterval(timer);
}
