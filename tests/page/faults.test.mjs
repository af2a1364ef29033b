import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

/** What is needed before a gateway can be; every link waits for the one before it. */
const CHAIN = ['Network', 'Tenant', 'App', 'Credential', 'Token', 'Consent', 'Directory'];
const from = (link) => CHAIN.slice(CHAIN.indexOf(link));

/** Each state of the practice tenant, the links that are then not proven, and what is found. */
const STATES = [
  { scenario: 'healthy', unproven: [], found: [] },
  { scenario: 'app-unknown', unproven: from('App'), found: ['app-unknown'] },
  { scenario: 'secret-wrong', unproven: from('Credential'), found: ['secret-wrong'] },
  { scenario: 'secret-expired', unproven: from('Credential'), found: ['secret-expired'] },
  { scenario: 'delegated-only', unproven: from('Consent'), found: ['consent-missing'] },
  { scenario: 'consent-missing', unproven: from('Consent'), found: ['consent-missing'] },
  // The profile does not need the setting. This state holds one role more, and shows when the secret ends.
  { scenario: 'public-client-off', unproven: ['Consent'], found: ['permission-excessive', 'config-outdated'] },
];
let bridge;
let window;

beforeEach(async () => {
  bridge = await startBridge();
  window = await openWindow(bridge);
  await journey.setUp(window.page, bridge.folder);
  await window.page.locator('.wiz-foot').getByRole('button', { name: 'Finish' }).click();
  await journey.arrive(window.page, 'Home');
});

afterEach(async () => {
  await window?.close();
  await bridge?.stop();
});

/** The chain's links as they are read out: `['Network: Proven, …', …]`. */
function chain(page) {
  const links = page.getByRole('list', { name: 'Chain of proof' }).getByRole('button');
  return links.evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')));
}

async function revalidateIn(page, scenario) {
  await page.getByRole('button', { name: 'Practice tenant', exact: true }).click();
  await journey.arrive(page, 'Practice tenant');
  await journey.choose(page, scenario);
  await page.getByRole('button', { name: 'Home', exact: true }).click();
  await journey.arrive(page, 'Home');
  await journey.button(page, 'Re-validate').click();
  await page.locator('.chain:not(.chain--micro)').waitFor();
  await journey.button(page, 'Re-validate').click();
  await journey.settle(page);
}

for (const { scenario, unproven, found } of STATES) {
  test(`${scenario} shows what it broke, and nothing else`, async () => {
    const { page } = window;
    await revalidateIn(page, scenario);

    const said = await chain(page);
    assert.deepEqual(
      said.map((link) => link.split(':')[0]),
      [...CHAIN, 'Gateway'],
    );
    const not = said.slice(0, CHAIN.length).filter((link) => !/^\w+: Proven/.test(link));
    assert.deepEqual(
      not.map((link) => link.split(':')[0]),
      unproven,
    );
    const broken = said.filter((link) => /^\w+: Broken/.test(link));
    assert.ok(broken.length <= 1, `one root cause breaks one link: ${broken}`);
    assert.deepEqual(await page.locator('[data-finding] .finding-sub .mono').allTextContents(), found);
    await audit(page, `13-${scenario}`);
    assert.deepEqual(window.complaints, []);
  });
}

test('consent arrives while somebody waits for it', async () => {
  const { page } = window;
  await revalidateIn(page, 'consent-missing');
  await journey.button(page, 'Open the ten steps').click();
  await journey.settle(page);
  await journey.goToStep(page, 5, journey.STEPS.consent);
  await journey.button(page, 'I have consented, look again').click();
  await page.getByText('Waiting for a token that carries the consent').waitFor();
  await page.getByText('no roles in it yet').first().waitFor();
  await audit(page, '14-consent-waiting');
  await journey.button(page, 'Accept as the practice admin').click();
  await page.getByText('The token carries the consent').waitFor();
  await journey.settle(page);
  await journey.link(page, 'Consent', /Proven/);
  await audit(page, '14-consent-arrived');
  assert.deepEqual(window.complaints, []);
});
