import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { startBridge } from './support/bridge.mjs';
import { Gateway } from './support/gateway.mjs';
import * as journey from './support/journey.mjs';
import { addGateways, answer, connection, openRotate, portalOf, saved, sealAll } from './support/rotation.mjs';
import { openWindow } from './support/window.mjs';

const { STEPS } = journey;
let bridge;
let window;
let portal;
let folder;
let gateways;
/** Thumbprint of the certificate that goes. */
let old;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-rotate-certificate-'));
  gateways = ['edge-1', 'edge-2'].map((name) => new Gateway(folder, name));
  bridge = await startBridge();
  window = await openWindow(bridge);
});

after(async () => {
  await window?.close();
  await bridge?.stop();
  if (folder) await rm(folder, { recursive: true });
});

const bytes = (certificate) => Buffer.from(certificate.held.public, 'base64');

test('the ten steps are done with a certificate, and two gateways work with it', async () => {
  const { page } = window;
  await journey.startPracticeTenant(page);
  await journey.startSteps(page);
  await journey.next(page, STEPS.registration);
  await journey.register(page);
  await journey.next(page, STEPS.credential);
  await journey.button(page, 'Make the certificate').click();
  await page.getByText('Not uploaded yet').waitFor();
  portal = await portalOf(page);
  const { certificate } = (await saved(bridge.home)).credential;
  old = certificate.thumbprint;
  await portal.upload(bytes(certificate));
  await journey.link(page, 'Credential', /Proven/);
  await journey.goToStep(page, 8, STEPS.sync);
  await journey.testSync(page);
  await journey.next(page, STEPS.access);
  await journey.addGroup(page, journey.GROUPS.administrators);
  await addGateways(page, gateways);
  await journey.next(page, STEPS.write);
  const bundles = join(folder, 'with-the-old');
  await page.getByLabel('Write to').fill(bundles);
  await journey.button(page, 'Seal 2 bundles').click();
  await page.getByText('2 bundles sealed, and each one read back').waitFor();
  const [first] = gateways;
  first.open(join(bundles, 'edge-1.tar.age'), join(bundles, 'allowed_signers'));
  await page.getByLabel('A receipt, or several').fill(first.receipt());
  await journey.button(page, 'Take it').click();
  await page.getByText('1 of 2 confirmed').first().waitFor();
  await journey.settle(page);
  await page.locator('.wiz-foot').getByRole('button', { name: 'Finish' }).click();
  await journey.arrive(page, 'Home');
});

test('a new certificate is made beside the old one, and is not proven before it is uploaded', async () => {
  const { page } = window;
  await openRotate(page, 'Rotate the certificate');
  assert.match(await page.getByRole('tab', { selected: true }).textContent(), /^Certificate/);
  await audit(page, '34-rotate-certificate-enter');
  await journey.button(page, 'Make the certificate').click();
  await page.getByRole('heading', { name: 'Prove the new certificate' }).waitFor();
  await journey.settle(page);
  await audit(page, '34-rotate-certificate-upload');
  await journey.button(page, 'Prove it').click();
  await page.locator('[data-finding] .finding-sub .mono').getByText('certificate-unknown').waitFor();
  await journey.settle(page);
  await audit(page, '34-rotate-certificate-not-uploaded');
  assert.equal((await saved(bridge.home)).credential.certificate.thumbprint, old, 'the old one stays in use');
});

test('once it is uploaded it is proven, and shown beside the old one', async () => {
  const { page } = window;
  const fresh = (await saved(bridge.home)).rotation.other.certificate;
  assert.notEqual(fresh.thumbprint, old);
  await portal.upload(bytes(fresh));
  await journey.button(page, 'Try again').click();
  await page.getByRole('heading', { name: 'Two certificates side by side' }).waitFor();
  await journey.settle(page);
  const { credential, rotation } = await saved(bridge.home);
  assert.deepEqual([credential.certificate.thumbprint, rotation.other.certificate.thumbprint], [fresh.thumbprint, old]);
  await page.getByText('2 without the new one').waitFor();
  await audit(page, '35-rotate-certificate-hand-out');
});

test('the old one may go when every gateway works with the new one', async () => {
  const { page } = window;
  const bundles = join(folder, 'with-the-new');
  await sealAll(page, bundles, 2);
  for (const gateway of gateways) {
    assert.equal(await page.getByRole('heading', { name: 'Remove the old certificate' }).count(), 0);
    await answer(page, gateway, bundles);
    await journey.button(page, 'Close').click();
  }
  await page.getByRole('heading', { name: 'Remove the old certificate' }).waitFor();
  await page.getByText('all work with the new one').waitFor();
  await page.getByText(`that begins with ${old.slice(0, 8)}`).waitFor();
  await audit(page, '36-rotate-certificate-remove');
});

test('it is found in the portal, then gone, and the rotation ends', async () => {
  const { page } = window;
  await journey.button(page, 'Look whether it is gone').click();
  await page.getByText('Not yet: Entra ID still takes the old certificate.').waitFor();
  await audit(page, '36-rotate-certificate-still-there');
  await portal.deleteCertificate(old);
  await journey.button(page, 'Look again').click();
  await page.getByText('The old one is gone, and the new one is in use').waitFor();
  await journey.settle(page);
  await audit(page, '37-rotate-certificate-done');
  const { credential, rotation } = await saved(bridge.home);
  assert.notEqual(credential.certificate.thumbprint, old);
  assert.equal(rotation ?? null, null);
  await journey.button(page, 'Re-validate').click();
  await journey.link(page, 'Directory', /Proven/);
  await journey.link(page, 'Gateway', /Proven/);
  assert.equal(await connection(page), (await saved(bridge.home)).id);
  assert.ok(!window.answers.join('').includes('PRIVATE KEY'));
  assert.deepEqual(window.complaints, []);
});
