import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

/** The connection in the sidebar. */
const connection = /^Gatehouse gateway/;
let bridge;
let window;

before(async () => {
  bridge = await startBridge();
  window = await openWindow(bridge);
  const { page } = window;
  await journey.setUp(page, bridge.folder);
  await page.locator('.wiz-foot').getByRole('button', { name: 'Finish' }).click();
  await journey.arrive(page, 'Home');
  await journey.button(page, 'Re-validate').click();
  await page.locator('.chain:not(.chain--micro)').waitFor();
});

after(async () => {
  await window?.close();
  await bridge?.stop();
});

async function revalidate(page) {
  await journey.button(page, 'Re-validate').click();
  await journey.settle(page);
}

/** Plays a state while Re-validate is open, and comes back to it. */
async function play(page, scenario) {
  await journey.button(page, 'Practice tenant').click();
  await journey.arrive(page, 'Practice tenant');
  await journey.choose(page, scenario);
  await page.getByRole('navigation').getByRole('button', { name: connection }).click();
  await page.locator('.chain:not(.chain--micro)').waitFor();
  await journey.settle(page);
}

test('a good run and a broken one: the runs are listed, and what changed is said', async () => {
  const { page } = window;
  await revalidate(page);
  const runs = page.getByRole('complementary', { name: 'Earlier runs' });
  await runs.getByText('Proven').first().waitFor();
  await audit(page, '22-revalidate-good');

  await play(page, 'secret-expired');
  await revalidate(page);
  await journey.link(page, 'Credential', /Broken/);
  await runs.getByText('Credential').first().waitFor();
  await runs.getByText('What changed').waitFor();
  await runs.getByText('Since the last good run').waitFor();
  await audit(page, '22-revalidate-broken');
});

test('a link opens its evidence with the keyboard, and closes it', async () => {
  const { page } = window;
  const link = page.getByRole('list', { name: 'Chain of proof' }).getByRole('button', { name: /^Tenant/ });
  await link.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Evidence for Tenant' }).waitFor();
  await audit(page, '22-revalidate-evidence');
  await journey.button(page, 'Close the evidence').click();
  assert.equal(await page.getByRole('region', { name: /^Evidence for/ }).count(), 0);
});

test('a finding can be handed to somebody else', async () => {
  const { page } = window;
  await play(page, 'consent-missing');
  await revalidate(page);
  await journey.link(page, 'Consent', /Broken/);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await journey.button(page, 'Copy a message for the admin').first().click();
  const message = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(message, /What to do, as Privileged Role Administrator/);
  assert.match(message, /Application \(client\) ID: /);
  assert.doesNotMatch(message, /\*\*|`/);
  await audit(page, '22-revalidate-consent');
});

test('F5 checks again, and the report can be read', async () => {
  const { page } = window;
  await play(page, 'healthy');
  await page.keyboard.press('F5');
  await journey.settle(page);
  await journey.link(page, 'Directory', /Proven/);
  await journey.button(page, 'Support').click();
  await journey.arrive(page, 'Support');
  await journey.button(page, 'Read it first').click();
  const report = page.getByRole('region', { name: 'The report' });
  await report.waitFor();
  assert.match(await report.textContent(), /Network/);
  await audit(page, '30-support-report');
  assert.deepEqual(window.complaints, []);
});
