import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

let bridge;
let window;

before(async () => {
  bridge = await startBridge({ flags: ['--no-keychain'] });
  window = await openWindow(bridge);
});

after(async () => {
  await window?.close();
  await bridge?.stop();
});

test('without a keychain, Home says so and a secret is kept for the session', async () => {
  const { page } = window;
  await page.getByText('a secret is kept only until Gatehouse is closed').waitFor();
  await audit(page, '40-home-no-keychain');

  await journey.startPracticeTenant(page);
  await journey.startSteps(page);
  await journey.next(page, journey.STEPS.registration);
  await journey.register(page);
  await journey.next(page, journey.STEPS.credential);
  await journey.chooseSecret(page);
  await page.getByText('The secret cannot be kept on this computer.').waitFor();
  const places = page.getByLabel('Kept in').getByRole('option');
  assert.deepEqual(await places.allTextContents(), ['This session only']);
  await audit(page, '40-credential-no-keychain');

  await journey.saveSecret(page);
  await journey.link(page, 'Credential', /Proven/);
  assert.deepEqual(window.complaints, []);
});
