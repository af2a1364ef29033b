import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { filesHolding, startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { portalOf, saved } from './support/rotation.mjs';
import { openWindow } from './support/window.mjs';

const { STEPS } = journey;
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

/** What **Upload certificate** on the practice portal does with the file that the window saves. */
async function upload() {
  const { thumbprint, held } = (await saved(bridge.home)).credential.certificate;
  const shown = await (await portalOf(window.page)).upload(Buffer.from(held.public, 'base64'));
  assert.ok(shown.includes(thumbprint), shown);
}

test('a certificate is made, shown, compared, and accepted as soon as it is uploaded', async () => {
  const { page } = window;
  await journey.startPracticeTenant(page);
  await journey.startSteps(page);
  await journey.next(page, STEPS.registration);
  await journey.register(page);
  await journey.next(page, STEPS.credential);
  assert.equal(await page.getByRole('tab', { selected: true }).textContent(), 'Certificate recommended');
  await audit(page, '03-certificate-new');

  const place = page.getByLabel('Private key kept in');
  await page.getByRole('radio', { name: /^Import/ }).check();
  await audit(page, '03-certificate-import');
  await page.getByRole('radio', { name: /^Create one here/ }).check();
  const path = join(bridge.folder, 'key.pem');
  await place.selectOption('file');
  await page.getByLabel('Key file', { exact: true }).fill(join(bridge.folder, 'none', 'key.pem'));
  await journey.button(page, 'Make the certificate').click();
  await page.getByRole('link', { name: /^There is no folder/ }).waitFor();
  await page.getByLabel('Key file', { exact: true }).fill(path);
  await journey.button(page, 'Make the certificate').click();
  await page.getByText('Not uploaded yet').waitFor();
  await journey.settle(page);
  await audit(page, '03-certificate-waiting');

  const { thumbprint } = (await saved(bridge.home)).credential.certificate;
  const field = page.getByLabel(/^Compare with the portal’s thumbprint/);
  await field.fill(thumbprint.toLowerCase().match(/../g).join(':'));
  await page.getByText('The same, digit by digit.').waitFor();
  await field.fill(thumbprint.replace(/^../, (pair) => (pair === '00' ? '11' : '00')));
  await page.getByText(/^Not the same: pair 1 is/).waitFor();
  await audit(page, '03-certificate-different');

  await upload();
  await journey.link(page, 'Credential', /Proven/);
  await page.getByText('Accepted', { exact: true }).waitFor();
  await journey.settle(page);
  await audit(page, '03-certificate');

  // The key is in its file, and in nothing that the page was told.
  const pem = await readFile(path, 'utf8');
  const lines = pem.split('-----BEGIN PRIVATE KEY-----')[1].split('\n').filter((line) => line.length === 64).slice(12);
  assert.ok(lines.length > 10);
  for (const line of lines) {
    assert.deepEqual((await filesHolding(bridge.home, line)).holding, []);
    assert.deepEqual(window.answers.filter((answer) => answer.includes(line.slice(8, 56))), []);
  }
  assert.deepEqual(window.complaints, []);
});
