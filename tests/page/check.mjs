// Opens reports of the html format in a real browser, as people do.
//
//   node tests/page/check.mjs NODE_MODULES REPORT... [--screenshots DIR]
//
// For each: no message on the console, no request but for the file itself, no
// finding of axe in light, dark and on a phone, loaded within a second, filters
// that filter, links that lead somewhere, everything within reach of a
// keyboard, and the whole of it without scripts and on paper.
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

// Until every row is there: the page brings those of long lists later.
const whole = (page) => page.waitForFunction(() => !document.querySelector("script[data-into]"));

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
  await page.evaluate(axe);
  // Rows are alike, and axe takes minutes for thousands of them.
  const { violations } = await page.evaluate(() => globalThis.axe.run(
    { exclude: ["#rows > li:nth-child(n+61)", "tr:nth-child(n+61)", ".lot:nth-child(n+61)"] },
    { resultTypes: ["violations"] },
  ));
  const said = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(" | ")}`);
  assert.deepEqual(said, [], `axe, ${what}`);
}

async function views(report, name) {
  for (const [what, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", { viewport: PHONE, isMobile: true, hasTouch: true }],
  ]) {
    const { page, close } = await open(report, options);
    await whole(page);
    await accessible(page, what);
    // Opened, too: what is folded away is not looked at.
    const expand = page.locator("#expand");
    if (await page.locator("#rows > li").count() <= 200 && await expand.isVisible()) {
      await expand.click();
      await accessible(page, `${what}, opened`);
      await expand.click();
    }
    const [inside, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(inside <= window, `${what}: ${inside} px in a window of ${window}`);
    await page.evaluate(() => scrollTo(0, 0));
    if (shots) await page.screenshot({ path: join(shots, `${name}-${what}.png`) });
    await close();
  }
}

const visible = (page) => page.locator("#rows > li:not([hidden])").count();

async function filters(report) {
  const { page, close } = await open(report);
  await whole(page);
  const all = await page.locator("#rows > li").count();
  if (all > 1) {
    assert.equal(await visible(page), all);
    for (const select of await page.locator("#filters select").all()) {
      const key = await select.getAttribute("data-key");
      const option = select.locator("option:nth-of-type(2), optgroup option").first();
      const [value, text] = [await option.getAttribute("value"), await option.textContent()];
      await select.selectOption(value);
      const said = Number(/\((\d+)\)$/.exec(text)[1]);
      assert.equal(await visible(page), said, `${key} ${value}`);
      assert.ok(page.url().includes(`#findings?${key}=`), page.url());
      await page.locator("#filters [type=reset]").click();
      await page.waitForFunction((n) => document.querySelectorAll("#rows > li:not([hidden])").length === n, all);
    }
    const word = (await page.locator("#rows > li .rule").first().textContent()).trim();
    await page.fill("#filter-text", word);
    const found = await visible(page);
    assert.ok(found >= 1 && found <= all);
    assert.match(await page.textContent("#filter-count"), new RegExp(`^${found}`));
    await page.fill("#filter-text", "no such words anywhere");
    assert.equal(await visible(page), 0);
    // Whoever is sent the address sees the same.
    const other = await open(report, {}, `#findings?rule=${word}`);
    assert.equal(await visible(other.page), await other.page.locator(`#rows > li[data-rule="${word}"]`).count());
    await other.close();
  }
  await close();
}

async function links(report) {
  const { page, close } = await open(report);
  await whole(page);
  const dead = await page.evaluate(() => [...document.querySelectorAll('a[href^="#"]')]
    .map((link) => link.getAttribute("href").slice(1))
    .filter((id) => id && !document.getElementById(decodeURIComponent(id))));
  assert.deepEqual(dead, []);
  const priority = page.locator(".priorities a[data-filter]").first();
  if (await priority.count()) {
    const rule = await priority.getAttribute("data-value");
    await priority.click();
    assert.equal(await visible(page), await page.locator(`#rows > li[data-rule="${rule}"]`).count());
    assert.ok(await page.locator("#findings-title").evaluate((title) => title === document.activeElement));
  }
  const place = page.locator(".places a").first();
  if (await place.count()) {
    const target = (await place.getAttribute("href")).slice(1);
    await place.click();
    await page.waitForFunction((id) => document.getElementById(id).querySelector("details").open, target);
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
  assert.equal(await page.locator("#filters:visible").count(), 0);
  const rows = page.locator("#rows > li");
  assert.equal(await rows.locator("visible=true").count() > 0, await rows.count() > 0);
  await close();
}

async function paper(report, name) {
  const { page, close } = await open(report);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("nav:visible, #filters:visible").count(), 0);
  const options = { format: "A4", printBackground: false };
  if (shots) {
    await whole(page);
    await page.setViewportSize({ width: 794, height: 1123 });
    await page.screenshot({ path: join(shots, `${name}-print.png`) });
  }
  await page.pdf(shots ? { ...options, path: join(shots, `${name}-print.pdf`) } : options);
  await close();
}

try {
  for (const report of rest.map((path) => resolve(path))) {
    const name = basename(report, ".html");
    const time = await load(report);
    await views(report, name);
    await filters(report);
    await links(report);
    await keyboard(report);
    await withoutScripts(report);
    await paper(report, name);
    console.log(`${basename(report)}: loaded in ${time} ms, nothing to complain about`);
  }
} finally {
  await browser.close();
}
