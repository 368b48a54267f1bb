// A small harness: named checks that are all run, and a browser whose pages may ask for nothing.
import { chromium } from "playwright-core";
import assert from "node:assert/strict";

const failures = [];
let passed = 0;

/** Runs a named check; a failure is told at once and remembered. */
export async function check(name, body) {
  const start = performance.now();
  try {
    const said = await body();
    passed += 1;
    console.log(`ok    ${name}${said ? ` (${said})` : ""} ${Math.round(performance.now() - start)} ms`);
  } catch (error) {
    failures.push(name);
    console.log(`FAIL  ${name}\n      ${String(error.message ?? error).replaceAll("\n", "\n      ")}`);
  }
}

/** The exit code, after a line of totals. */
export function finish() {
  console.log(`${passed} passed, ${failures.length} failed`);
  if (passed === 0) throw new Error("nothing was checked");
  return failures.length === 0 ? 0 : 1;
}

/** Debian's Chromium without a network of its own. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Opens a file; `trouble` collects console messages, errors and requests for anything but the file. */
export async function open(browser, file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  // A slow and busy machine is no fault of a page.
  context.setDefaultTimeout(180_000);
  const page = await context.newPage();
  const trouble = [];
  const url = new URL(`file://${file}`).href;
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && trouble.push(`console: ${m.text()}`));
  page.on("pageerror", (e) => trouble.push(`error: ${e.message}`));
  page.on("request", (r) => r.url().startsWith("data:") || r.url().split("#")[0] === url || trouble.push(`request: ${r.url()}`));
  await page.goto(url);
  return { page, trouble, close: () => context.close() };
}

/** Mean luminance of a picture by cell, row by row: 24 × 16 numbers, enough to tell a broken page. */
export async function thumbnail(browser, png) {
  const page = await browser.newPage();
  const cells = await page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(24, 16);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, 24, 16);
    const { data: rgba } = context.getImageData(0, 0, 24, 16);
    return Array.from({ length: 24 * 16 }, (_, i) =>
      Math.round(0.2126 * rgba[4 * i] + 0.7152 * rgba[4 * i + 1] + 0.0722 * rgba[4 * i + 2]));
  }, png.toString("base64"));
  await page.close();
  return cells;
}

/** Pages of a PDF, counted by their objects. */
export const pdfPages = (bytes) => bytes.toString("latin1").match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;

export { assert };
