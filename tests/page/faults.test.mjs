import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

/** Each state of the practice tenant, the first link that is not proven because of it, and what is found. */
const STATES = [
  { scenario: 'healthy', link: null, finding: [] },
  { scenario: 'app-unknown', link: 'App', finding: ['app-unknown'] },
  // The secret was entered a moment ago, and a fresh one takes some seconds to be known everywhere.
  { scenario: 'secret-wrong', link: 'Credential', finding: ['secret-not-yet'] },
  { scenario: 'secret-expired', link: 'Credential', finding: ['secret-expired'] },
  { scenario: 'delegated-only', link: 'Consent', finding: ['consent-missing'] },
  { scenario: 'consent-missing', link: 'Consent', finding: ['consent-missing'] },
];
const CHAIN = ['Network', 'Tenant', 'App', 'Credential', 'Token', 'Consent', 'Directory'];
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

/** The states of the chain's links as they are said: `['Network: Proven, …', …]`. */
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

for (const { scenario, link, finding } of STATES) {
  test(`${scenario}: one root cause, one link, one finding`, async () => {
    const { page } = window;
    await revalidateIn(page, scenario);

    const said = await chain(page);
    const at = link === null ? CHAIN.length : CHAIN.indexOf(link);
    for (const [index, name] of CHAIN.entries()) {
      assert.ok(said[index].startsWith(name), said[index]);
      assert.equal(/^\w+: Proven/.test(said[index]), index < at, said[index]);
    }
    const shown = await page.locator('[data-finding] .finding-sub .mono').allTextContents();
    assert.deepEqual(shown, finding);
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
