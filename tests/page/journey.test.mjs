import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { filesHolding, startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

const { STEPS, GROUPS } = journey;
let bridge;
let window;

before(async () => {
  bridge = await startBridge();
  window = await openWindow(bridge);
});

after(async () => {
  await window?.close();
  await bridge?.stop();
});

test('from an empty Home to the written config, every screen audited', async () => {
  const { page } = window;

  await journey.arrive(page, 'Prove it before you hand it over');
  await audit(page, '00-home-empty');
  await journey.button(page, 'Start practice').click();
  await journey.arrive(page, 'Practice tenant');
  await audit(page, '00-practice-not-started');
  await journey.button(page, 'Start the practice tenant').click();
  await journey.button(page, 'Start the ten steps').waitFor();
  await audit(page, '00-practice');
  const values = await journey.practiceValues(page);

  await journey.startSteps(page);
  await journey.link(page, 'Network', /Proven/);
  await audit(page, '01-prepare');

  await journey.next(page, STEPS.registration);
  await audit(page, '02-registration-empty');
  await journey.register(page);
  await audit(page, '02-registration');

  await journey.next(page, STEPS.credential);
  await journey.useValue(page, 'Secret ID');
  await page.getByText('found before anything was sent').waitFor();
  await audit(page, '03-credential-secret-id');
  await journey.saveSecret(page);
  await journey.link(page, 'Credential', /Proven|Attention/);
  await audit(page, '03-credential');

  await journey.next(page, STEPS.permissions);
  await audit(page, '04-permissions');

  await journey.next(page, STEPS.consent);
  await page.getByRole('button', { name: /look again$/i }).click();
  await journey.settle(page);
  await page.getByText(/^2 of 2, arrived/).waitFor();
  await journey.link(page, 'Consent', /Proven/);
  for (const way of ['Copy the link', 'Send to an admin']) {
    await page.getByRole('tab', { name: way }).click();
    await audit(page, `05-consent-${way.split(' ')[0].toLowerCase()}`);
  }

  await journey.next(page, STEPS.publicClient);
  await journey.button(page, 'Probe again').click();
  await journey.settle(page);
  await audit(page, '06-public-client');

  await journey.next(page, STEPS.token);
  await journey.fetchToken(page);
  await audit(page, '07-token');
  await page.getByRole('tab', { name: 'Raw' }).click();
  await audit(page, '07-token-raw');

  await journey.next(page, STEPS.sync);
  await audit(page, '08-sync-before');
  await journey.testSync(page);
  assert.equal(await page.getByText('counted twice, same').count(), 2);
  await audit(page, '08-sync');

  await journey.next(page, STEPS.access);
  await page.getByRole('combobox', { name: 'Add a group' }).fill('Print');
  await page.getByRole('option').first().waitFor();
  await audit(page, '09-access-search');
  await journey.addGroup(page, GROUPS.everybody);
  await journey.addGroup(page, GROUPS.administrators);
  await journey.giveRole(page, GROUPS.everybody, 'User');
  await audit(page, '09-access');

  await journey.next(page, STEPS.write);
  await audit(page, '10-write-before');
  const written = await journey.write(page, bridge.folder);
  await journey.link(page, 'Gateway', /Proven|Attention/);
  await audit(page, '10-write');

  const config = JSON.parse(await readFile(written, 'utf8'));
  assert.equal(config.format, 'gatehouse.gateway/1');
  assert.equal(config.practice, true);
  assert.equal(config.tenant_id, values['Directory (tenant) ID']);
  assert.deepEqual(
    config.access.rules.map(({ group_name, role }) => [group_name, role]).sort(),
    [
      [GROUPS.administrators, 'administrator'],
      [GROUPS.everybody, 'user'],
    ],
  );
  for (const folder of [bridge.home, bridge.folder]) {
    const { searched, holding } = await filesHolding(folder, values.Value);
    assert.ok(searched > 0, `${folder} is empty`);
    assert.deepEqual(holding, []);
  }

  await journey.button(page, 'Write again').click();
  await page.getByRole('dialog', { name: 'Replace the config in this folder?' }).waitFor();
  await audit(page, '10-write-replace');
  await journey.button(page, 'Keep what is there').click();

  await page.locator('.wiz-foot').getByRole('button', { name: 'Finish' }).click();
  await journey.arrive(page, 'Home');
  await audit(page, '11-home');
  await journey.button(page, 'Re-validate').click();
  await journey.settle(page);
  await audit(page, '12-revalidate-before');
  await journey.button(page, 'Re-validate').click();
  await page.locator('.check-bar').waitFor({ state: 'hidden' });
  await journey.settle(page);
  await audit(page, '12-revalidate');

  assert.deepEqual(window.complaints, []);
});
