"use strict";
// Hover and zoom over the static pictures. Each figure carries its data; without this script the
// SVG stands alone, and on paper it always does.
(async () => {
  // What scrolls sideways is within reach of the keyboard.
  const reach = () => {
    for (const s of document.querySelectorAll(".scroll")) {
      if (s.scrollWidth > s.clientWidth) s.tabIndex = 0;
      else s.removeAttribute("tabindex");
    }
  };
  reach();
  document.addEventListener("toggle", reach, true);

  // uPlot is deflated to keep the page small; the page's policy knows its hash, and nothing else runs.
  const packed = Uint8Array.from(atob(document.getElementById("uplot").textContent), (c) => c.charCodeAt(0));
  const library = document.createElement("script");
  library.textContent = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
  document.body.append(library);

  const root = document.documentElement;
  const lang = root.lang;
  const color = (name) => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const DASH = { after: [6, 4], rest: [8, 4], hol: [2, 4] };
  const decimals = (v) => { const a = Math.abs(v); return a >= 99.95 || v === 0 ? 0 : a >= 9.995 ? 1 : a >= 0.9995 ? 2 : 3; };
  const show = (v) => v.toLocaleString(lang, { minimumFractionDigits: decimals(v), maximumFractionDigits: decimals(v) });
  const clock = (m) => Math.floor(m / 60) + ":" + String(Math.round(m % 60)).padStart(2, "0");
  const date = (d) => new Date(d * 864e5).toISOString().slice(0, 10);

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  document.body.append(tip);
  const tell = (lines, x, y) => {
    tip.replaceChildren(...lines.map((text) => Object.assign(document.createElement("div"), { textContent: text })));
    tip.hidden = false;
    const left = Math.min(Math.max(x + 14, 8), innerWidth - tip.offsetWidth - 8);
    tip.style.transform = `translate(${left}px, ${Math.max(y - tip.offsetHeight - 12, 8)}px)`;
  };
  const hush = () => { tip.hidden = true; };
  hush();

  const xs = (d, n) => d.k === "hours" ? d.x : Array.from({ length: n }, (_, i) => d.k === "days" ? d.x[0] + i : (i + 0.5) * 1440 / n);
  const plot = (holder, d) => {
    const n = d.s[0].v.length;
    const x = xs(d, n);
    const ends = d.k === "clock" ? [0, 1440] : [x[0], x[n - 1]];
    const name = (i) => d.k === "clock" ? clock(i * 1440 / n) : d.k === "days" ? date(x[i]) : show(x[i]) + " h";
    const axis = { stroke: color("muted"), font: "12px system-ui, sans-serif", grid: { stroke: color("line"), width: 1 }, ticks: { show: false } };
    const paint = (u) => {
      for (const [from, to, period] of d.b || []) {
        const at = (v) => Math.min(Math.max(u.valToPos(v, "x", true), u.bbox.left), u.bbox.left + u.bbox.width);
        u.ctx.globalAlpha = period === "flat" ? 0.1 : 0.2;
        u.ctx.fillStyle = color(period);
        u.ctx.fillRect(at(from), u.bbox.top, at(to) - at(from), u.bbox.height);
      }
      u.ctx.globalAlpha = 1;
    };
    const mark = (u) => {
      u.ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
      u.ctx.fillStyle = color("muted");
      u.ctx.textAlign = "right";
      u.ctx.fillText(d.u, u.bbox.left - 6 * devicePixelRatio, u.bbox.top - 8 * devicePixelRatio);
      for (const [mx, my, text] of d.m || []) {
        if (mx < u.scales.x.min || mx > u.scales.x.max) continue;
        const [px, py, k] = [u.valToPos(mx, "x", true), u.valToPos(my, "y", true), devicePixelRatio];
        const right = px > u.bbox.left + u.bbox.width * 0.66;
        u.ctx.fillStyle = color("after");
        u.ctx.beginPath();
        u.ctx.arc(px, py, 4 * k, 0, 7);
        u.ctx.fill();
        u.ctx.fillStyle = color("ink");
        u.ctx.font = `600 ${12 * k}px system-ui, sans-serif`;
        u.ctx.textAlign = right ? "right" : "left";
        u.ctx.fillText(text, px + (right ? -8 : 8) * k, py - 6 * k);
      }
    };
    const read = (u) => {
      const i = u.cursor.idx;
      if (i == null || u.cursor.left < 0) return hush();
      const minute = i * 1440 / n;
      const band = (d.b || []).find((b) => b[0] <= minute && minute < b[1]);
      const lines = d.s.filter((s) => s.v[i] != null).map((s) => `${s.n}: ${show(s.v[i])} ${d.u}`);
      const box = u.over.getBoundingClientRect();
      tell([name(i) + (band ? " · " + band[3] : ""), ...lines], box.left + u.cursor.left, box.top + Math.max(u.cursor.top, 0));
    };
    const series = d.s.map((s) => ({
      stroke: s.c === "edge" ? "transparent" : color(s.c),
      width: s.c === "edge" ? 0 : d.k === "days" ? 1.25 : 2,
      dash: DASH[s.c],
      points: { show: false },
    }));
    const size = () => ({ width: holder.clientWidth, height: Math.max(Math.round(holder.clientWidth * d.h), 190) });
    const u = new uPlot({
      ...size(),
      padding: [18, 18, 0, 0],
      legend: { show: false },
      cursor: { points: { size: 7 }, drag: { x: true, y: false } },
      scales: {
        x: { time: false, range: (_, lo, hi) => lo === x[0] && hi === x[n - 1] ? ends : [lo, hi] },
        y: { range: (_, lo, hi) => d.y ? [d.y[0] * 1.03, d.y[1] * 1.03] : [Math.min(0, lo * 1.05), Math.max(0, hi * 1.05)] },
      },
      series: [{}, ...series],
      bands: d.r ? [{ series: [d.r[1] + 1, d.r[0] + 1], fill: color("range") }] : [],
      axes: [
        { ...axis, size: 26, space: d.k === "days" ? 84 : 46, grid: { show: false }, incrs: d.k === "clock" ? [15, 30, 60, 120, 240, 360, 480] : undefined,
          values: (u, v) => v.map((t) => d.k === "clock" ? clock(t) : d.k === "days" ? (t % 1 || t > u.scales.x.max - (u.scales.x.max - u.scales.x.min) * 0.05 ? "" : date(t)) : t.toLocaleString(lang)) },
        { ...axis, size: 52, label: undefined, values: (_, v) => v.map((t) => t.toLocaleString(lang)) },
      ],
      hooks: { drawClear: [paint], draw: [mark], setCursor: [read] },
    }, [x, ...d.s.map((s) => s.v)], holder);
    u.over.addEventListener("mouseleave", hush);
    holder.onkeydown = (e) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[e.key];
      if (e.key === "Escape") u.setScale("x", { min: x[0], max: x[n - 1] });
      if (!step) return;
      e.preventDefault();
      const i = Math.min(Math.max((u.cursor.idx ?? (step > 0 ? -1 : n)) + step, 0), n - 1);
      u.setCursor({ left: u.valToPos(x[i], "x"), top: u.over.clientHeight / 2 });
    };
    holder.onblur = () => { u.setCursor({ left: -10, top: -10 }); hush(); };
    return { resize: () => { if (holder.clientWidth) u.setSize(size()); }, end: () => u.destroy() };
  };

  // The year's picture: its pixels are read back, so the value is that of the colour.
  const heat = (figure, d) => {
    const image = figure.querySelector("image");
    const [first, days, slots, low, high] = d.x;
    const step = (high - low) / (d.c.length - 1);
    const index = new Map(d.c.map((c, i) => [parseInt(c.slice(1), 16), i]));
    const picture = new Image();
    let pixels = null;
    picture.onload = () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: days, height: slots });
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(picture, 0, 0);
      pixels = context.getImageData(0, 0, days, slots).data;
    };
    picture.src = image.getAttribute("href");
    image.addEventListener("pointermove", (e) => {
      const box = image.getBoundingClientRect();
      const col = Math.min(Math.max(Math.floor((e.clientX - box.left) / box.width * days), 0), days - 1);
      const row = Math.min(Math.max(Math.floor((e.clientY - box.top) / box.height * slots), 0), slots - 1);
      const at = (row * days + col) * 4;
      if (!pixels) return;
      const i = index.get(pixels[at] << 16 | pixels[at + 1] << 8 | pixels[at + 2]);
      const value = pixels[at + 3] === 0 || i === undefined ? "–" : (i === 0 ? "≤ " : i === d.c.length - 1 ? "≥ " : "≈ ") + show(low + i * step) + " kW";
      tell([date(first + col) + " " + clock(row * 1440 / slots), value], e.clientX, e.clientY);
    });
    image.addEventListener("pointerleave", hush);
  };

  const live = new Map();
  const start = (figure) => {
    const script = figure.querySelector("script");
    const d = JSON.parse(script.textContent);
    if (d.k === "heat") return heat(figure, d);
    const svg = figure.querySelector("svg");
    d.h = svg.viewBox.baseVal.height / svg.viewBox.baseVal.width;
    const holder = document.createElement("div");
    holder.className = "plot";
    holder.tabIndex = 0;
    holder.setAttribute("role", "img");
    holder.setAttribute("aria-label", svg.getAttribute("aria-label"));
    figure.prepend(holder);
    figure.classList.add("live");
    live.set(figure, { d, holder, u: plot(holder, d) });
  };
  const seen = new IntersectionObserver((entries) => {
    for (const e of entries) if (e.isIntersecting) { seen.unobserve(e.target); start(e.target); }
  }, { rootMargin: "400px" });
  for (const figure of document.querySelectorAll("figure:has(script)")) seen.observe(figure);
  let wait = 0;
  addEventListener("resize", () => { clearTimeout(wait); wait = setTimeout(() => { reach(); live.forEach((l) => l.u.resize()); }, 120); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => live.forEach((l) => { l.u.end(); l.u = plot(l.holder, l.d); }));
  addEventListener("scroll", hush, { passive: true });
  const hint = document.getElementById("hint");
  if (hint) hint.hidden = false;
})();
