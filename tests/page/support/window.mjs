import { chromium } from 'playwright-core';

/** The window's sizes: as it opens, and as small as it gets. */
export const NORMAL = { width: 1180, height: 800 };
export const SMALLEST = { width: 900, height: 640 };

const WAIT_MS = 20_000;
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Opens the bridge's page in a browser of its own: `{page, complaints, answers, close}`. `complaints` is what must
 * never happen on any screen, `answers` the body of every answer that the page got from a command.
 */
export async function openWindow(bridge) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const context = await browser.newContext({
    viewport: NORMAL,
    colorScheme: 'light',
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const complaints = watch(page, context, new URL(bridge.url).origin);
  const answers = [];
  page.on('response', async (response) => {
    if (response.url().endsWith('/bridge/ipc')) answers.push(await response.text().catch(() => ''));
  });
  await page.goto(bridge.url);
  return { page, complaints, answers, close: () => browser.close() };
}

function watch(page, context, origin) {
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog of the browser: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`);
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    const drawn = url.protocol === 'data:' && request.resourceType() === 'image';
    if (url.origin !== origin && !drawn) complaints.push(`a request outside the page's origin: ${request.url()}`);
  });
  context.on('page', (other) => {
    if (other !== page) complaints.push(`another page was opened: ${other.url()}`);
  });
  return complaints;
}
