import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ARTIFACTS } from './support/audit.mjs';
import { startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

/** A program in place of the browser: it writes down the address that it was to open. */
let folder;
let bridge;
let window;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-browser-'));
  const browser = join(folder, 'xdg-open');
  await writeFile(browser, `#!/bin/sh\nprintf '%s' "$1" > '${folder}/part' && mv '${folder}/part' '${folder}/address'\n`);
  await chmod(browser, 0o755);
  bridge = await startBridge({ environment: { PATH: `${folder}:${process.env.PATH}` } });
  window = await openWindow(bridge);
});

after(async () => {
  await window?.close();
  await bridge?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function opened() {
  for (;;) {
    const address = await readFile(join(folder, 'address'), 'utf8').catch(() => null);
    if (address) {
      await rm(join(folder, 'address'));
      return address;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Presses a button of the practice tenant's consent page, and answers the text of the page after it. */
async function answer(page, button) {
  await journey.button(page, 'Open the consent page').click();
  const browser = await page.context().newPage();
  await browser.goto(await opened());
  await browser.getByRole('button', { name: button }).click();
  await browser.waitForURL(/^http:\/\/localhost:\d+\/\?/);
  await browser.screenshot({ path: join(ARTIFACTS, `consent-page-${button.toLowerCase()}.png`) });
  const text = await browser.locator('main').innerText();
  await browser.close();
  return text;
}

test('the browser comes back from the consent page, and the step looks by itself', { timeout: 60_000 }, async () => {
  const { page } = window;
  await journey.setUp(page, bridge.folder);
  await page.locator('.wiz-foot').getByRole('button', { name: 'Finish' }).click();
  await journey.arrive(page, 'Home');
  await journey.button(page, 'Practice tenant').click();
  await journey.arrive(page, 'Practice tenant');
  await journey.choose(page, 'consent-missing');
  await journey.button(page, 'Home').click();
  await journey.arrive(page, 'Home');
  await journey.button(page, 'Re-validate').click();
  await journey.settle(page);
  await journey.button(page, 'Open the ten steps').click();
  await journey.settle(page);
  await journey.goToStep(page, 5, journey.STEPS.consent);

  const refused = await answer(page, 'Cancel');
  assert.match(refused, /Nothing was granted/);
  await page.getByText('The consent page ended with a refusal').first().waitFor();

  const accepted = await answer(page, 'Accept');
  assert.match(accepted, /You can close this page/);
  await journey.link(page, 'Consent', /Proven/);
  await page.getByText('The consent page ended with a refusal').first().waitFor({ state: 'detached' });
});
