// Reads {chromium, args, pages: [{name, url, cookies, typed, press}]} and says what pa11y finds on each.
import { text } from "node:stream/consumers";
import pa11y from "pa11y";
import puppeteer from "puppeteer";

const { chromium, args, pages } = JSON.parse(await text(process.stdin));
const browser = await puppeteer.launch({ executablePath: chromium, args });

async function comeTo(page, { url, typed, press }) {
  await page.goto(url, { waitUntil: "load" });
  for (const [name, words] of Object.entries(typed)) await page.type(`[name="${name}"]`, words);
  if (!press) return;
  const buttons = await page.$$(`::-p-aria([name="${press}"][role="button"])`);
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), buttons.at(-1).click()]);
}

const found = {};
try {
  for (const each of pages) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    if (each.cookies.length) await page.setCookie(...each.cookies);
    await comeTo(page, each);
    const { issues } = await pa11y(each.url, { browser, page, ignoreUrl: true, standard: "WCAG2AA" });
    found[each.name] = issues.map((one) => `${one.code}: ${one.message} in ${one.context}`);
    await context.close();
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(found));
