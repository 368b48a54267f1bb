"use strict";
(() => {
  const PAGE = 50;
  const table = document.getElementById("all");
  const rows = JSON.parse(document.getElementById("rows").textContent);
  const body = table.querySelector("tbody");
  const search = document.getElementById("search");
  const state = document.getElementById("state");
  const shown = document.getElementById("shown");
  const back = document.getElementById("back");
  const next = document.getElementById("next");
  const words = table.dataset;
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 0 });
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const CERTAINTY = [words.low, words.medium, words.high];
  const STATES = [words.ok, words.failed, words.skipped];
  // Columns: 0 id, name, state, kwh, kw, 5 load factor, power factor, bill, saving, currency, 10 codes, usable, href, reason,
  // grade, 15 certainty, reconciled, withheld, peak share, visit, 20 saving of the whole plan, saving over bill.
  const hay = rows.map((r) => (r[0] + "\n" + (r[1] || "") + "\n" + r[10]).toLowerCase());
  rows.forEach((r) => r.push(r[7] > 0 && r[8] != null ? r[8] / r[7] : null));
  let view = rows.map((_, i) => i);
  let key = 8;
  let down = true;
  let at = 0;

  const compare = (a, b) => {
    let x = rows[a][key];
    let y = rows[b][key];
    if (key === 1) { x = x || rows[a][0]; y = y || rows[b][0]; }
    const none = (v) => v === null || v === "";
    if (none(x) || none(y)) return none(x) - none(y) || a - b;
    const order = typeof x === "string" ? collator.compare(x, y) : x - y;
    return (down ? -order : order) || a - b;
  };
  const cell = (tr, text, number) => {
    const td = tr.insertCell();
    td.textContent = text;
    if (number) td.className = "n";
    return td;
  };
  const whole = (v) => (v === null ? "–" : number.format(v));
  const money = (v, currency) => (v === null ? "–" : number.format(v) + (words.multi ? " " + currency : ""));
  const percent = (v, digits) => (v === null ? "–" : (v * 100).toFixed(digits));
  const share = (v, digits) => (v === null ? "–" : v.toFixed(digits));
  // What stands in the column of each place; which columns there are says the head of the table.
  const VALUES = {
    2: (r) => STATES[r[2]],
    3: (r) => whole(r[3]),
    4: (r) => whole(r[4]),
    5: (r) => share(r[5], 2),
    6: (r) => share(r[6], 3),
    7: (r) => money(r[7], r[9]),
    8: (r) => money(r[8], r[9]),
    10: (r) => r[10],
    11: (r) => (r[11] === null ? "–" : (Math.floor(r[11] * 1000) / 10).toFixed(1)),
    14: (r) => r[14],
    15: (r) => (r[15] ? CERTAINTY[r[15] - 1] : "–"),
    16: (r) => (r[16] === null ? "–" : r[16] ? words.yes : words.no),
    17: (r) => (r[17] ? words.withheld : ""),
    18: (r) => percent(r[18], 2),
    19: (r) => whole(r[19]),
    20: (r) => money(r[20], r[9]),
    21: (r) => percent(r[21], 1),
  };
  const heads = [...table.tHead.rows[0].cells];
  const SHOWN = heads.map((th) => Number(th.dataset.key)).filter((k) => k !== 1);
  const NUMBERS = new Set(heads.filter((th) => th.className === "n").map((th) => Number(th.dataset.key)));
  const draw = () => {
    at = Math.max(0, Math.min(at, Math.floor((view.length - 1) / PAGE) * PAGE));
    body.replaceChildren();
    for (const i of view.slice(at, at + PAGE)) {
      const r = rows[i];
      const tr = body.insertRow();
      const name = tr.insertCell();
      const label = document.createElement(r[12] ? "a" : "span");
      if (r[12]) label.href = r[12];
      label.textContent = r[1] || r[0];
      name.append(label);
      if (r[1]) {
        const id = document.createElement("small");
        id.textContent = r[0];
        name.append(id);
      }
      for (const k of SHOWN) {
        const td = cell(tr, VALUES[k](r), NUMBERS.has(k));
        if (k === 2) { td.className = "s" + r[2]; td.title = r[13] || ""; }
      }
    }
    const fill = { from: view.length ? at + 1 : 0, to: Math.min(at + PAGE, view.length), n: number.format(view.length) };
    shown.textContent = words.shown.replace(/\{(\w+)\}/g, (_, name) => fill[name]);
    back.disabled = at === 0;
    next.disabled = at + PAGE >= view.length;
    for (const th of table.tHead.rows[0].cells) {
      const own = Number(th.dataset.key) === key;
      th.setAttribute("aria-sort", own ? (down ? "descending" : "ascending") : "none");
    }
  };
  const filter = () => {
    const want = search.value.trim().toLowerCase();
    const only = state.value;
    view = [];
    rows.forEach((r, i) => {
      if (hay[i].includes(want) && (only === "" || r[2] === Number(only))) view.push(i);
    });
    view.sort(compare);
    at = 0;
    draw();
  };
  table.tHead.addEventListener("click", (e) => {
    const th = e.target.closest("th");
    if (!th) return;
    const k = Number(th.dataset.key);
    down = k === key ? !down : ![1, 2, 10, 14, 19].includes(k);
    key = k;
    view.sort(compare);
    at = 0;
    draw();
  });
  search.addEventListener("input", filter);
  state.addEventListener("change", filter);
  back.addEventListener("click", () => { at -= PAGE; draw(); });
  next.addEventListener("click", () => { at += PAGE; draw(); });
  filter();
  document.getElementById("tools").hidden = false;
})();
