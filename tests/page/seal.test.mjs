import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { startBridge } from './support/bridge.mjs';
import { Gateway } from './support/gateway.mjs';
import * as journey from './support/journey.mjs';
import { addGateways } from './support/rotation.mjs';
import { openWindow } from './support/window.mjs';

let bridge;
let window;
let folder;
let gateways;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-seal-'));
  gateways = ['door-1', 'door-2'].map((name) => new Gateway(folder, name));
  bridge = await startBridge();
  window = await openWindow(bridge);
  const { page } = window;
  await journey.setUp(page, join(bridge.folder, 'config'));
  await page.locator('.wiz-foot').getByRole('button', { name: 'Finish' }).click();
  await journey.arrive(page, 'Home');
  await addGateways(page, gateways);
  await openGateways();
});

after(async () => {
  await window?.close();
  await bridge?.stop();
  if (folder) await rm(folder, { recursive: true });
});

async function openGateways() {
  const { page } = window;
  await page.locator('.side').getByRole('button', { name: 'Gateways' }).click();
  await journey.arrive(page, 'Gateways');
}

const dayIn = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test('the last day of the bundles is the admin’s, and never after the credential', async () => {
  const { page } = window;
  await journey.button(page, 'Seal bundles').click();
  // The practice secret's end was not entered.
  await page.getByRole('radio', { name: /^In 90 days, on / }).waitFor();
  await page.getByRole('radio', { name: 'To a day' }).check();
  const field = page.getByLabel('Last day');
  await field.fill(dayIn(-1));
  await page.getByText('This day is past.').waitFor();
  await field.fill(dayIn(30));
  await page.getByText('30 days.').waitFor();
  await audit(page, '55-seal-last-day');
  const bundles = join(folder, 'bundles');
  await page.getByLabel('Write to').fill(bundles);
  await journey.button(page, 'Seal 2 bundles').click();
  await page.getByText('2 bundles sealed, and each one read back').waitFor();
  const [first] = gateways;
  first.open(join(bundles, 'door-1.tar.age'), join(bundles, 'allowed_signers'));
  assert.equal(first.manifest.ends_at, `${dayIn(31)}T00:00:00Z`);
});

test('what is not proven is sealed only after the admin has read why', async () => {
  const { page } = window;
  await journey.button(page, 'Practice tenant').click();
  await journey.arrive(page, 'Practice tenant');
  await journey.choose(page, 'consent-missing');
  await journey.button(page, 'Home').click();
  await journey.arrive(page, 'Home');
  await journey.button(page, 'Re-validate').first().click();
  await page.locator('.chain:not(.chain--micro)').waitFor();
  await journey.settle(page);
  await journey.button(page, 'Check again').first().click();
  await journey.link(page, 'Consent', /Broken|0 of/);
  await journey.settle(page);
  await openGateways();
  await journey.button(page, 'Seal bundles').click();
  const why = /The link Consent is broken: /;
  await page.getByText(why).waitFor();
  await audit(page, '56-seal-unproven');
  await page.getByLabel('Write to').fill(join(folder, 'unproven'));
  await journey.button(page, 'Seal all the same…').click();
  const dialog = page.getByRole('dialog', { name: 'Seal what is not proven?' });
  await dialog.getByText(why).waitFor();
  await audit(page, '56-seal-unproven-asks');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await journey.button(page, 'Seal all the same…').click();
  await dialog.getByRole('button', { name: 'Seal 2 bundles unproven' }).click();
  await page.getByText('2 bundles sealed, and each one read back').waitFor();
  await journey.settle(page);
  assert.deepEqual(window.complaints, []);
});

test('a vendor’s profile that cannot be used is told in Settings and where a profile is chosen', async () => {
  const { page } = window;
  await mkdir(join(bridge.home, 'profiles'), { recursive: true });
  const shipped = await readFile(new URL('../../src-tauri/crates/engine/profiles/least-privilege.toml', import.meta.url), 'utf8');
  const text = shipped.replace('id = "least-privilege"', 'id = "contoso-door"').replace('name = "User.Read.All"', 'name = "User Reed"');
  const file = join(bridge.home, 'profiles', 'door.toml');
  await writeFile(file, text);
  await page.locator('.side').getByRole('button', { name: 'Settings' }).click();
  await journey.arrive(page, 'Settings');
  const note = page.getByRole('region', { name: /^A vendor’s profile cannot be used/ });
  await note.getByText(file).waitFor();
  await note.getByText('Line 11, permission[0].name:').waitFor();
  await audit(page, '57-settings-profile');
  await journey.button(page, 'Home').click();
  await journey.arrive(page, 'Home');
  await page.getByRole('button', { name: /^Open the ten steps/ }).click();
  await page.locator('.wiz-foot').waitFor();
  await journey.goToStep(page, 1, journey.STEPS.prepare);
  await note.getByText(file).waitFor();
  await audit(page, '57-prepare-profile');
  assert.deepEqual(window.complaints, []);
});
