import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { filesHolding, startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

/** Shaped like a secret and a token, and neither. */
const CANARY = 'Zq8~canary.Value_that-must_not.stay0123456789';
const LOG = [
  'MsalServiceException: AADSTS7000215: Invalid client secret provided.',
  `POST /token client_id=5e0b6f3a-71c9-4a8e-b2d4-09f7c3e18a62&client_secret=${CANARY}&scope=x`,
  'Trace ID: 0f2d1c3a-9f0e-4f1c-9d77-7a9d4b1e3a00',
  'Correlation ID: 5d2a7f0b-1a2b-4c3d-8e9f-0a1b2c3d4e5f',
  'Timestamp: 2026-11-20 13:58:07Z',
].join('\n');
let bridge;
let window;

before(async () => {
  bridge = await startBridge();
  window = await openWindow(bridge);
  await journey.arrive(window.page, 'Prove it before you hand it over');
  await journey.button(window.page, 'Support').click();
  await journey.arrive(window.page, 'Support');
});

after(async () => {
  await window?.close();
  await bridge?.stop();
});

const box = (page) => page.getByRole('textbox', { name: 'Paste an error' });

async function explain(page, text) {
  await box(page).fill(text);
  await journey.button(page, 'Explain').click();
  await journey.settle(page);
}

test('a pasted log becomes a finding, and its secret is shown nowhere else', async () => {
  const { page } = window;
  await audit(page, '30-support');
  await explain(page, LOG);
  const finding = page.getByRole('article');
  await finding.getByText('secret-wrong').waitFor();
  await finding.getByText('0f2d1c3a-9f0e-4f1c-9d77-7a9d4b1e3a00').waitFor();
  await page.getByText('What was read').click();
  await audit(page, '30-support-explained');
  const shown = await page.locator('.shown-text .code').textContent();
  assert.match(shown, /AADSTS7000215/);
  assert.ok(!shown.includes(CANARY), 'the secret is shown');
  assert.ok(!window.answers.join('').includes(CANARY), 'the secret came back');
  assert.deepEqual((await filesHolding(bridge.home, CANARY)).holding, []);
});

test('what nobody knows is said to be unknown', async () => {
  const { page } = window;
  await explain(page, 'The printer is on fire');
  await page.getByText('Nothing in this text is known to Gatehouse.').waitFor();
  await audit(page, '30-support-unknown');
});

test('an unknown number is explained as far as it goes', async () => {
  const { page } = window;
  await explain(page, 'AADSTS9999999');
  await page.getByRole('article').getByText('AADSTS9999999').first().waitFor();
  await audit(page, '30-support-unknown-number');
});

test('the paste is gone when the screen was left', async () => {
  const { page } = window;
  await explain(page, LOG);
  await journey.button(page, 'Home').click();
  await page.getByRole('heading', { level: 1, name: 'Prove it before you hand it over' }).waitFor();
  await journey.button(page, 'Support').click();
  await journey.arrive(page, 'Support');
  assert.equal(await box(page).inputValue(), '');
  assert.equal(await page.getByRole('article').count(), 0);
  const html = await page.content();
  assert.ok(!html.includes(CANARY));
});

test('an error is explained with the keyboard alone', async () => {
  const { page } = window;
  await box(page).focus();
  await page.keyboard.insertText('AADSTS700016');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('article').getByText('app-unknown').waitFor();
  assert.deepEqual(window.complaints, []);
});

test('on Test token, the gateway’s own token is explained', async () => {
  const { page } = window;
  await journey.button(page, 'Home').click();
  await journey.startPracticeTenant(page);
  await journey.startSteps(page);
  await journey.goToStep(page, 7, journey.STEPS.token);
  await page.getByText('The gateway’s own token').click();
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    aud: 'https://graph.microsoft.com',
    iss: 'https://sts.windows.net/11111111-2222-4333-8444-555555555555/',
    tid: '11111111-2222-4333-8444-555555555555',
    appid: '5e0b6f3a-71c9-4a8e-b2d4-09f7c3e18a62',
    scp: 'User.Read',
    iat: 1_700_000_000,
    exp: 1_700_003_600,
  };
  const signature = 'c2lnbmF0dXJlLW9mLXRoZS1jYW5hcnk';
  const token = [encode({ typ: 'JWT', alg: 'RS256' }), encode(claims), signature].join('.');
  await page.getByLabel('The token, or the error that the gateway shows').fill(token);
  await journey.button(page, 'Explain').click();
  await page.getByRole('article').getByText('token-delegated').waitFor();
  await audit(page, '31-gateway-token');
  assert.ok(!window.answers.join('').includes(signature), 'the token came back');
  await page.keyboard.press('Control+6');
  await journey.arrive(page, journey.STEPS.publicClient);
  await page.keyboard.press('Control+7');
  await journey.arrive(page, journey.STEPS.token);
  assert.ok(!(await page.content()).includes(signature), 'the token is still in the page');
  assert.deepEqual(window.complaints, []);
});
