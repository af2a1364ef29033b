import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { filesHolding, startBridge } from './support/bridge.mjs';
import { Gateway } from './support/gateway.mjs';
import * as journey from './support/journey.mjs';
import { addGateways, answer, ask, openRotate, portalOf, sealAll } from './support/rotation.mjs';
import { openWindow } from './support/window.mjs';

let bridge;
let window;
let portal;
let folder;
let gateways;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-rotate-'));
  gateways = ['edge-1', 'edge-2'].map((name) => new Gateway(folder, name));
  bridge = await startBridge();
  window = await openWindow(bridge);
});

after(async () => {
  await window?.close();
  await bridge?.stop();
  if (folder) await rm(folder, { recursive: true });
});

test('the ten steps are done with a secret, and two gateways are in the list', async () => {
  const { page } = window;
  await journey.setUp(page, join(bridge.folder, 'config'));
  await page.locator('.wiz-foot').getByRole('button', { name: 'Finish' }).click();
  await journey.arrive(page, 'Home');
  portal = await portalOf(page);
  await addGateways(page, gateways);
});

test('a wrong new secret is tried and told, and the old one stays in use', async () => {
  const { page } = window;
  await openRotate(page, 'Rotate the client secret');
  await audit(page, '30-rotate-enter');
  const { secretId } = (await ask(page, 'home', {})).practice;
  await page.getByLabel('New client secret value').fill(secretId);
  await page.getByText('found before anything was sent').waitFor();
  await audit(page, '30-rotate-secret-id');
  await enter(`Abc8Q~${'x'.repeat(34)}`);
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  await page.locator('[data-finding] .finding-sub .mono').getByText('secret-wrong').waitFor();
  await audit(page, '30-rotate-refused');
  await journey.button(page, 'Enter another one').click();
  await page.getByRole('heading', { name: 'The new credential' }).waitFor();
  await journey.button(page, 'Keep the one that was entered').click();
  await journey.button(page, 'Give it up…').click();
  await audit(page, '30-rotate-give-up');
  await journey.button(page, 'Give it up').click();
  await page.getByRole('heading', { name: 'The new credential' }).waitFor();
});

let fresh;

test('a fresh secret is kept, proven, and shown beside the old one', async () => {
  const { page } = window;
  fresh = await portal.newSecret('second');
  await enter(fresh);
  await page.getByRole('heading', { name: 'Two secrets side by side' }).waitFor();
  await journey.settle(page);
  await page.getByText('2 without the new one').waitFor();
  await audit(page, '31-rotate-hand-out');
  assert.deepEqual((await filesHolding(bridge.home, fresh)).holding, []);
  assert.deepEqual(window.answers.filter((answer) => answer.includes(fresh)), []);
});

test('bundles are sealed here, and the old one stays until gateways answer or are named', async () => {
  const { page } = window;
  const bundles = join(folder, 'bundles');
  await sealAll(page, bundles, 2);
  await audit(page, '31-rotate-sealed');

  const [first, second] = gateways;
  await answer(page, first, bundles);
  await page.getByText('1 without the new one').waitFor();
  await audit(page, '31-rotate-receipt');
  await journey.button(page, 'Close').click();

  await journey.button(page, 'Remove the old secret').press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Name exceptions…', 'it is blocked');
  await page.getByText('when edge-2 has sent a receipt').waitFor();
  await journey.button(page, 'Name exceptions…').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: second.name }).check();
  await dialog.getByLabel('How many are they?').fill('1');
  await audit(page, '32-rotate-exceptions');
  await dialog.getByRole('button', { name: 'Do not wait for 1 gateway' }).click();
  await page.getByRole('heading', { name: 'Remove the old secret' }).waitFor();
});

test('the old one is found there, then gone, and the rotation ends', async () => {
  const { page } = window;
  await journey.button(page, 'Look whether it is gone').click();
  await page.getByText('Not yet: Entra ID still takes the old secret.').waitFor();
  await audit(page, '32-rotate-not-yet');
  const { secretId } = (await ask(page, 'home', {})).practice;
  await portal.deleteSecret(secretId);
  await journey.button(page, 'Look again').click();
  await page.getByText('The old one is gone, and the new one is in use').waitFor();
  await journey.settle(page);
  await audit(page, '33-rotate-done');
  await journey.button(page, 'Re-validate').click();
  await journey.link(page, 'Directory', /Proven/);
  await journey.settle(page);
  assert.deepEqual(window.complaints, []);
});

async function enter(secret) {
  const { page } = window;
  const end = new Date(Date.now() + 180 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('New client secret value').fill(secret);
  await page.getByLabel('Ends on').fill(end);
  await journey.settle(page);
  await journey.button(page, 'Keep it and prove it').click();
}
