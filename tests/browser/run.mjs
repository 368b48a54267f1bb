// Opens the reports of two finished runs of `peakwise demo`, English and Chinese, in a real browser:
//   node run.mjs EN_REPORT ZH_REPORT [LARGE_FLEET_PAGE [DIRECTORY_OF_KINDS]]
// The last one has a page of each kind of customer, KIND-en.html and KIND-zh.html.
// With UPDATE_EXPECTED=1 the expected pictures and page counts are written anew; look at them first.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import axe from "axe-core";
import { assert, check, finish, launch, open, pdfPages, thumbnail } from "./harness.mjs";

const [en, zh, large, kinds] = process.argv.slice(2).map((p) => resolve(p));
const here = import.meta.dirname;
const expectedFile = join(here, "expected.json");
const update = process.env.UPDATE_EXPECTED === "1";
const expected = update ? { pages: {}, pictures: {} } : JSON.parse(readFileSync(expectedFile, "utf8"));

// Customers with much, with little, and with trouble to tell.
const CUSTOMERS = ["4200000015855", "4200000047531", "SB-H0-A-LV5.201-71"];
const SITES = [["en", en], ["zh", zh]];
const LANGUAGE = { en: /you pay|worth/i, zh: /贵单位|电费|用电/ };
// Mean difference of two pictures' cells, of 255, that other fonts and small edits stay below.
const LOOSE = 14;

const browser = await launch();
const at = (site, name) => (name === "index" ? join(site, "index.html") : join(site, "customers", `${encodeURIComponent(name)}.html`));

for (const [lang, site] of SITES) {
  const names = readdirSync(join(site, "customers")).filter((n) => n.endsWith(".html"));
  await check(`${lang}: every page opens in silence and asks for nothing`, async () => {
    assert.ok(names.length >= 30, `${names.length} pages`);
    for (const file of [join(site, "index.html"), ...names.map((n) => join(site, "customers", n.replaceAll("%", "%25")))]) {
      const { page, trouble, close } = await open(browser, file);
      assert.equal(await page.getAttribute("html", "lang"), lang, file);
      assert.ok((await page.title()).length > 3, file);
      assert.deepEqual(trouble, [], file);
      await close();
    }
    return `${names.length + 1} pages`;
  });

  await check(`${lang}: words are in the language`, async () => {
    const { page, close } = await open(browser, at(site, CUSTOMERS[0]));
    assert.match(await page.innerText("main"), LANGUAGE[lang]);
    if (lang === "en") {
      const chinese = (await page.innerText("nav")).match(/[\u4e00-\u9fff]/g);
      assert.equal(chinese, null, "Chinese in the English contents");
    }
    await close();
  });

  for (const name of ["index", CUSTOMERS[0]]) {
    for (const colorScheme of ["light", "dark"]) {
      await check(`${lang}: ${name}, ${colorScheme}: accessible (WCAG 2 A and AA)`, async () => {
        const { page, close } = await open(browser, at(site, name), { colorScheme });
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() =>
          // The watermark is decoration: its words stand in the notices too.
          globalThis.axe.run({ exclude: [".watermark"] }, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
        const told = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target).join(", ")}`);
        assert.deepEqual(told, []);
        await close();
      });
    }
    await check(`${lang}: ${name} on a phone needs no sideways scrolling`, async () => {
      const { page, close } = await open(browser, at(site, name), { viewport: { width: 390, height: 844 } });
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window + 1, `${content} px in a window of ${window} px`);
      await close();
    });
    await check(`${lang}: ${name}: the two themes differ`, async () => {
      const ground = {};
      for (const colorScheme of ["light", "dark"]) {
        const { page, close } = await open(browser, at(site, name), { colorScheme });
        ground[colorScheme] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        await close();
      }
      assert.notEqual(ground.light, ground.dark);
    });
  }

  for (const name of ["index", ...CUSTOMERS]) {
    await check(`${lang}: ${name} prints on the expected number of pages`, async () => {
      const { page, close } = await open(browser, at(site, name));
      const pages = pdfPages(await page.pdf({ preferCSSPageSize: true, printBackground: true }));
      await close();
      const key = `${lang}/${name}`;
      if (update) expected.pages[key] = pages;
      // Other fonts may move a table over the edge of a page.
      assert.ok(Math.abs(pages - expected.pages[key]) <= 1, `${pages} pages, expected ${expected.pages[key]} ± 1`);
      assert.ok(pages >= 1 && pages <= 30);
      return `${pages}`;
    });
  }

  for (const [name, colorScheme, width] of [["index", "light", 1200], ["index", "dark", 1200], [CUSTOMERS[0], "light", 1200], [CUSTOMERS[0], "dark", 1200], [CUSTOMERS[0], "light", 390]]) {
    const key = `${lang}/${name}/${colorScheme}/${width}`;
    await check(`${key} looks as expected`, async () => {
      const { page, close } = await open(browser, at(site, name), { colorScheme, viewport: { width, height: 800 } });
      const png = await page.screenshot();
      if (process.env.SHOTS) writeFileSync(join(process.env.SHOTS, `${key.replaceAll("/", "-")}.png`), png);
      const cells = await thumbnail(browser, png);
      await close();
      if (update) expected.pictures[key] = cells;
      const wanted = expected.pictures[key];
      const difference = cells.reduce((sum, c, i) => sum + Math.abs(c - wanted[i]), 0) / cells.length;
      assert.ok(Math.max(...cells) - Math.min(...cells) > 15, "a page of one colour");
      assert.ok(difference <= LOOSE, `differs by ${difference.toFixed(1)} of 255, at most ${LOOSE}`);
      return difference.toFixed(1);
    });
  }
}

await check("the fleet's table sorts by a click and by the keyboard", async () => {
  const { page, trouble, close } = await open(browser, join(en, "index.html"));
  const cells = (n) => page.$$eval(`#all tbody tr > :nth-child(${n})`, (all) => all.map((c) => c.innerText.trim()));
  const headings = await page.$$eval("#all th", (all) => all.map((h) => h.dataset.key));
  const column = headings.indexOf("3") + 1;
  assert.ok(column > 0, "the energy column");
  const energies = async () => (await cells(column)).map((t) => Number(t.replaceAll(/[^0-9.]/g, ""))).filter((v) => v > 0);
  const button = page.locator("#all th").nth(column - 1).getByRole("button");
  await button.click();
  const once = await energies();
  const sort = await page.locator("#all th").nth(column - 1).getAttribute("aria-sort");
  const inOrder = (v, down) => v.every((x, i) => i === 0 || (down ? v[i - 1] >= x : v[i - 1] <= x));
  assert.ok(once.length > 20 && inOrder(once, sort === "descending"), `${sort}: ${once.slice(0, 5)}`);
  await button.focus();
  await page.keyboard.press("Enter");
  const twice = await energies();
  const again = await page.locator("#all th").nth(column - 1).getAttribute("aria-sort");
  assert.notEqual(again, sort);
  assert.ok(inOrder(twice, again === "descending"), `${again}: ${twice.slice(0, 5)}`);
  assert.deepEqual(trouble, []);
  await close();
});

await check("the fleet's table is searched in both scripts and filtered by state", async () => {
  const { page, close } = await open(browser, join(zh, "index.html"));
  const count = () => page.locator("#all tbody tr").count();
  const all = await count();
  await page.fill("#search", "白鹭");
  await page.waitForFunction((n) => document.querySelectorAll("#all tbody tr").length < n, all);
  const found = await count();
  const rows = () => page.$$eval("#all tbody tr", (all) => all.map((r) => r.innerText));
  assert.ok(found > 0 && (await rows()).every((r) => r.includes("白鹭")), `${found} rows`);
  await page.fill("#search", "BAILU PRECISION");
  await page.waitForFunction(() => document.querySelectorAll("#all tbody tr").length === 1);
  assert.ok((await rows()).every((r) => /bailu precision/i.test(r)));
  await page.fill("#search", "no such customer");
  await page.waitForFunction(() => document.querySelectorAll("#all tbody tr").length === 0);
  await page.fill("#search", "");
  await page.waitForFunction((n) => document.querySelectorAll("#all tbody tr").length === n, all);
  return `${all} rows`;
});

await check("a name of the fleet's table leads to the customer's page", async () => {
  const { page, close } = await open(browser, join(en, "index.html"));
  await page.locator("#all tbody a").first().click();
  await page.waitForURL(/customers\/[^/]+\.html/);
  assert.ok(await page.locator("main section").count() >= 5);
  await close();
});

await check("a customer's page is walked by keyboard: the skip link comes first and works", async () => {
  const { page, close } = await open(browser, at(en, CUSTOMERS[0]));
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), "#answer");
  await page.keyboard.press("Enter");
  assert.equal(new URL(page.url()).hash, "#answer");
  await close();
});

await check("every picture tells what it shows", async () => {
  const { page, close } = await open(browser, at(zh, CUSTOMERS[0]));
  const silent = await page.$$eval("main svg:not([aria-hidden=true]), main img", (all) =>
    all.filter((p) => !(p.getAttribute("aria-label") || p.getAttribute("alt") || p.querySelector("title")?.textContent)).length);
  assert.equal(silent, 0);
  await close();
});

await check("pointing at a picture tells its value", async () => {
  const { page, trouble, close } = await open(browser, at(en, CUSTOMERS[0]));
  // Either live charts, or titles inside the static drawing.
  const live = page.locator(".uplot .u-over").first();
  if (await page.locator("#uplot").count()) {
    // Charts come alive when they are scrolled to.
    await page.locator("figure").first().scrollIntoViewIfNeeded();
    await page.mouse.wheel(0, 600);
    await live.waitFor();
    await live.scrollIntoViewIfNeeded();
    const told = page.locator("[role=status]").first();
    // Charts above that come alive move this one: point again until it tells.
    const pointed = async (share, before) => {
      for (let tries = 0; tries < 300; tries += 1) {
        const { width, height } = await live.boundingBox();
        await live.hover({ position: { x: width * share, y: height / 2 } });
        await page.waitForTimeout(100);
        const text = (await told.isVisible()) ? await told.innerText() : "";
        if (text && text !== before) return text;
      }
      assert.fail("nothing is told where the pointer is");
    };
    const first = await pointed(0.3, "");
    assert.match(first, /kW/);
    await pointed(0.7, first);
  } else {
    assert.ok(await page.locator("main svg title").count() > 20, "titles inside the drawings");
  }
  assert.deepEqual(trouble, []);
  await close();
});

if (large) {
  // Bounds for a slow and busy machine; the figures of this one are told.
  await check("a fleet of 10,000 loads and sorts quickly", async () => {
    const start = performance.now();
    const { page, trouble, close } = await open(browser, large);
    await page.locator("#all tbody tr").first().waitFor();
    const load = performance.now() - start;
    const times = await page.evaluate(() => {
      const buttons = [...document.querySelectorAll("#all th button")];
      return buttons.map((b) => {
        const t = performance.now();
        b.click();
        return performance.now() - t;
      });
    });
    const slowest = Math.max(...times);
    assert.ok(load < 20000 && slowest < 3000, `load ${load.toFixed(0)} ms, slowest sort ${slowest.toFixed(0)} ms`);
    assert.deepEqual(trouble, []);
    await close();
    return `load ${load.toFixed(0)} ms, slowest sort ${slowest.toFixed(0)} ms`;
  });
}

if (kinds) {
  // With issued bills and a schedule, without tariff or reactive data, a fifth of it gaps, one month, three years, nothing to advise …
  const pages = readdirSync(kinds).filter((n) => /-(en|zh)\.html$/.test(n));
  await check("a page of every kind of customer opens in silence, fits a phone and is accessible", async () => {
    assert.ok(pages.length >= 20, `${pages.length} pages`);
    for (const name of pages) {
      const { page, trouble, close } = await open(browser, join(kinds, name), { viewport: { width: 390, height: 844 } });
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window + 1, `${name}: ${content} px in a window of ${window} px`);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() =>
        globalThis.axe.run({ exclude: [".watermark"] }, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target).join(", ")}`), [], name);
      assert.deepEqual(trouble, [], name);
      await close();
    }
    return `${pages.length} pages`;
  });

  await check("the off-peak schedule shows machines, hours and the day before and after", async () => {
    const { page, close } = await open(browser, join(kinds, "checked-zh.html"));
    const table = page.locator("table.plan tbody tr");
    assert.ok(await table.count() >= 2);
    assert.match(await table.first().innerText(), /\d\d:\d\d–\d\d:\d\d[\s\S]*\d\d:\d\d–\d\d:\d\d/);
    const runs = await page.locator("path.run").count();
    assert.ok(runs >= 4, `${runs} runs are drawn`);
    await close();
  });
}

await check("JSON reports are valid under the checked-in schema, by a validator of its own", async () => {
  const schema = JSON.parse(readFileSync(join(here, "../../docs/report.schema.json"), "utf8"));
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  let n = 0;
  for (const [, site] of SITES) {
    for (const name of readdirSync(join(site, "customers")).filter((f) => f.endsWith(".json"))) {
      const report = JSON.parse(readFileSync(join(site, "customers", name), "utf8"));
      assert.ok(validate(report), `${name}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
      n += 1;
    }
  }
  assert.ok(n >= 30, `${n} reports`);
  return `${n} reports`;
});

await browser.close();
if (update) writeFileSync(expectedFile, `${JSON.stringify(expected).replaceAll(/("[^"]+":(\[|\d))/g, "\n$1")}\n`);
process.exit(finish());
