// Opens reports of the html format in a real browser, as people do.
//
//   node tests/page/check.mjs NODE_MODULES REPORT... [--screenshots DIR]
//
// For each: no message on the console, no request but for the file itself, loaded
// within a second, no finding of axe in the whole of it, in light, dark and on a
// phone, filters and links that reach every row, all within reach of a keyboard,
// and something sensible without scripts, and all of it on paper.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, ...rest] = process.argv.slice(2);
const at = rest.indexOf("--screenshots");
const shots = at < 0 ? null : rest.splice(at, 2)[1];
const require = createRequire(resolve(modules, "x.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
// Milliseconds; a machine that others use, too, may need more.
const MAX_LOAD = Number(process.env.MAX_LOAD ?? 1000);
// Rows of a long list that are shown at first.
const PORTION = 60;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

// A page of the report that fails the check for whatever goes wrong in it.
async function open(report, options = {}, fragment = "") {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  const page = await context.newPage();
  const url = pathToFileURL(report).href;
  const trouble = [];
  page.on("console", (message) => trouble.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const to = request.url().split("#")[0];
    if (to !== url && !to.startsWith("data:")) trouble.push(`request: ${to}`);
  });
  await page.goto(url + fragment);
  return { page, close: async () => { await context.close(); assert.deepEqual(trouble, []); } };
}

async function load(report) {
  const times = [];
  for (let n = 0; n < 3; n += 1) {
    const { page, close } = await open(report);
    times.push(await page.evaluate(() => new Promise((done) => {
      const settled = () => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
      if (document.readyState === "complete") settled(); else addEventListener("load", settled);
    })));
    await close();
  }
  const time = Math.round(Math.min(...times));
  assert.ok(time < MAX_LOAD, `loaded after ${time} ms`);
  return time;
}

async function accessible(page, what) {
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const said = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(" | ")}`);
  assert.deepEqual(said, [], `axe, ${what}`);
}

// Presses the button below every list that has more.
async function press(page, button) {
  for (const one of await page.locator(".pager button:visible", { hasText: button }).elementHandles()) await one.click();
}

async function views(report, name) {
  for (const [what, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", { viewport: PHONE, isMobile: true, hasTouch: true }],
  ]) {
    const { page, close } = await open(report, options);
    if (shots) await page.screenshot({ path: join(shots, `${name}-${what}.png`) });
    await page.evaluate(axe);
    await accessible(page, what);
    // What is folded away is not looked at.
    for (const summary of (await page.locator("#rows > li summary").all()).slice(0, 8)) await summary.click();
    await accessible(page, `${what}, some opened`);
    await press(page, "more");
    await accessible(page, `${what}, more shown`);
    const [inside, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(inside <= window, `${what}: ${inside} px in a window of ${window}`);
    await close();
  }
}

const rows = (page) => page.locator("#rows > li").count();
const total = (page) => page.locator("#rows").evaluateAll(([list]) => Number(list?.dataset.all ?? 0));
const grouped = (n) => n.toLocaleString("en");

// So many are found among all, and a portion of them is shown.
async function found(page, n, what) {
  assert.match(await page.textContent("#findings .filters output"), new RegExp(`^${grouped(n)} `), what);
  assert.equal(await rows(page), Math.min(n, PORTION), what);
}

async function filters(report) {
  const { page, close } = await open(report);
  const all = await total(page);
  if (all > 1) {
    await found(page, all, "all");
    for (const select of await page.locator("#findings select").all()) {
      const key = await select.getAttribute("data-key");
      for (const option of [await select.locator("option[value]").nth(1), await select.locator("option").last()]) {
        const [value, text] = [await option.getAttribute("value"), await option.textContent()];
        await select.selectOption(value);
        await found(page, Number(/\((\d+)\)$/.exec(text)[1]), `${key} ${value}`);
        assert.ok(page.url().includes(`#findings?${key}=`), page.url());
        await page.locator("#findings [type=reset]").click();
        await page.waitForFunction(() => !location.hash.includes("?"));
      }
    }
    // A word of the last row is found; and whoever is sent the address sees the same.
    const last = page.locator("#rows > li").last();
    await press(page, "all");
    const id = await last.getAttribute("id");
    const words = await last.locator(".body code").last().textContent();
    await page.fill("#findings [type=search]", words);
    assert.equal(await page.locator(`#${id}`).count(), 1, words);
    const said = await page.textContent("#findings .filters output");
    const other = await open(report, {}, new URL(page.url()).hash);
    assert.equal(await other.page.textContent("#findings .filters output"), said);
    await other.close();
    await page.fill("#findings [type=search]", "no such words anywhere");
    await found(page, 0, "nothing");
  }
  const kinds = page.locator("#keys [data-key=kind]");
  if (await kinds.count()) {
    await kinds.selectOption("master");
    const masters = Number((await page.textContent("#keys .filters output")).split(" ")[0].replace(",", ""));
    assert.equal(await page.locator("#apps tbody > tr").count(), Math.min(masters, PORTION));
    assert.equal(await page.locator('#apps tbody > tr:not([data-kind="master"])').count(), 0);
  }
  await close();
}

async function more(report) {
  const { page, close } = await open(report);
  const all = await total(page);
  if (all > PORTION) {
    const pager = page.locator("#rows + .pager");
    const said = (n) => `${grouped(n)} of ${grouped(all)} findings shown`;
    assert.equal(await pager.locator("output").textContent(), said(PORTION));
    await page.locator("#rows > li summary").last().focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const shown = Math.min(all, 2 * PORTION);
    assert.equal(await pager.locator("output").textContent(), said(shown));
    assert.equal(await rows(page), shown);
    // The keyboard goes on where the new rows begin.
    assert.equal(await page.evaluate(() => [...document.querySelectorAll("#rows > li summary")].indexOf(document.activeElement)), PORTION);
    await press(page, "all");
    assert.equal(await rows(page), all);
  }
  await close();
}

async function links(report) {
  const { page, close } = await open(report);
  const seen = (id) => page.waitForFunction((sought) => {
    const row = document.getElementById(sought);
    const { top, bottom } = row?.getBoundingClientRect() ?? { top: -1 };
    return row?.matches(":target") && top >= 0 && bottom > 0 && top < innerHeight && row.querySelector("details")?.open !== false;
  }, id);
  const leading = await page.locator(".places li:first-child a, .graph a").all();
  for (const link of new Set([...leading.slice(0, 3), ...leading.slice(-3)])) {
    const id = (await link.getAttribute("href")).slice(1);
    await link.focus();
    await page.keyboard.press("Enter");
    await seen(id);
  }
  const priority = page.locator(".priorities a[data-filter]").first();
  if (await priority.count()) {
    const rule = await priority.getAttribute("data-value");
    const findings = Number(/^[\d,]+/.exec(await priority.textContent())[0].replace(",", ""));
    await priority.click();
    await found(page, findings, rule);
    assert.ok(await page.locator("#findings-title").evaluate((title) => title === document.activeElement));
  }
  const ids = [];
  const other = await open(report);
  await press(other.page, "all");
  const dead = await other.page.evaluate(() => [...document.querySelectorAll('a[href^="#"]')]
    .map((link) => link.getAttribute("href").slice(1))
    .filter((id) => id && !document.getElementById(decodeURIComponent(id))));
  assert.deepEqual(dead, []);
  for (const list of ["#rows > li", "#apps tbody > tr"]) ids.push(...await other.page.locator(list).last().evaluateAll((last) => last.map(({ id }) => id)));
  await other.close();
  // From outside, to the last of each list, with nothing shown before.
  for (const id of ids) {
    const outside = await open(report, {}, `#${id}`);
    // The browser goes there when it has laid the page out.
    await outside.page.waitForFunction((sought) => {
      const row = document.getElementById(sought);
      const { top } = row?.getBoundingClientRect() ?? { top: -1 };
      return row?.matches(":target") && top >= 0 && top < innerHeight;
    }, id);
    assert.ok(await rows(outside.page) <= PORTION + 1);
    await outside.close();
  }
  await close();
}

async function keyboard(report) {
  const { page, close } = await open(report);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  const first = page.locator("#rows > li summary").first();
  if (await first.count()) {
    await first.focus();
    await page.keyboard.press("Enter");
    assert.ok(await page.locator("#rows > li details").first().evaluate((one) => one.open));
  }
  await close();
}

async function withoutScripts(report) {
  const { page, close } = await open(report, { javaScriptEnabled: false });
  assert.equal(await page.locator(".filters:visible, .pager:visible").count(), 0);
  const list = page.locator("#rows > li");
  assert.equal(await list.locator("visible=true").count() > 0, await list.count() > 0);
  // Where there is more than is shown, it is said where.
  for (const section of await page.locator("section:has(script[data-into])").all()) {
    assert.ok(await section.getByText(/^Without scripts these are .* ha(s|ve) them all\.$/).first().isVisible());
  }
  await close();
}

async function paper(report, name) {
  const { page, close } = await open(report);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("nav:visible, select:visible, button:visible").count(), 0);
  if (shots) {
    await page.setViewportSize({ width: 794, height: 1123 });
    await page.screenshot({ path: join(shots, `${name}-print.png`) });
  }
  // All rows are there for the printer, opened, and no longer than for it.
  await page.evaluate(() => addEventListener("beforeprint", () => {
    globalThis.printed = [...document.querySelectorAll("[data-list]")].map((list) => [
      list.id, list.querySelectorAll("tr[id]").length || list.children.length, Number(list.dataset.all),
    ]);
    globalThis.folded = document.querySelectorAll("details:not([open])").length;
  }));
  const before = await page.locator("*").count();
  const options = { format: "A4", printBackground: false };
  await page.pdf(shots ? { ...options, path: join(shots, `${name}-print.pdf`) } : options);
  const [printed, folded] = await page.evaluate(() => [globalThis.printed, globalThis.folded]);
  for (const [list, there, all] of printed) assert.equal(there, all, `${list} on paper`);
  assert.equal(folded, 0);
  assert.equal(await page.locator("*:not(script)").count() <= before, true);
  await close();
}

try {
  for (const report of rest.map((path) => resolve(path))) {
    const name = basename(report, ".html");
    const time = await load(report);
    await views(report, name);
    await filters(report);
    await more(report);
    await links(report);
    await keyboard(report);
    await withoutScripts(report);
    await paper(report, name);
    console.log(`${basename(report)}: loaded in ${time} ms, nothing to complain about`);
  }
} finally {
  await browser.close();
}
