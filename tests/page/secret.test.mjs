import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { filesHolding, startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

const { STEPS } = journey;
/** Has the shape of a client secret's value, and is none. */
const CANARY = 'cAn8Q~never-to-be-seen-again.0123456789_';
let bridge;
let window;

beforeEach(async () => {
  bridge = await startBridge();
  window = await openWindow(bridge);
});

afterEach(async () => {
  await window?.close();
  await bridge?.stop();
});

/** Where in the page a text is: the document, what its fields hold, its storage. */
function placesOf(page, text) {
  return page.evaluate((needle) => {
    const fields = [...document.querySelectorAll('input, textarea, select')].map((field) => field.value);
    const places = {
      document: document.documentElement.outerHTML,
      fields: fields.join('\n'),
      address: location.href,
      history: JSON.stringify(history.state),
      storage: JSON.stringify({ ...localStorage, ...sessionStorage }),
    };
    return Object.keys(places).filter((place) => places[place]?.includes(needle));
  }, text);
}

test('a saved secret is nowhere in the page, in no answer and in no file', async () => {
  const { page } = window;
  await journey.startPracticeTenant(page);
  await journey.startSteps(page);
  await journey.next(page, STEPS.registration);
  await journey.register(page);
  await journey.next(page, STEPS.credential);

  await journey.chooseSecret(page);
  const field = page.locator('#secret');
  await field.fill(CANARY);
  assert.equal(await field.getAttribute('type'), 'password');
  assert.deepEqual(await placesOf(page, CANARY), ['fields'], 'before it is saved, the field holds it');
  await page.getByLabel('I do not know it').check();
  await journey.button(page, 'Save and try it').click();
  await page.getByText('Secret kept in').waitFor();
  await journey.settle(page);
  assert.deepEqual(await placesOf(page, CANARY), []);

  const screens = Object.values(STEPS);
  for (const [index, title] of screens.entries()) {
    await journey.goToStep(page, index + 1, title);
    assert.deepEqual(await placesOf(page, CANARY), [], title);
  }
  await journey.goToStep(page, 3, STEPS.credential);
  await journey.button(page, 'Replace').click();
  assert.equal(await field.inputValue(), '');
  await journey.button(page, 'Back to Home').click();
  await journey.arrive(page, 'Home');
  assert.deepEqual(await placesOf(page, CANARY), [], 'Home');

  assert.ok(window.answers.some((answer) => answer.includes('"credential"')), 'no answer was seen');
  assert.deepEqual(window.answers.filter((answer) => answer.includes(CANARY)), []);
  const { searched, holding } = await filesHolding(bridge.home, CANARY);
  assert.ok(searched > 0);
  assert.deepEqual(holding, []);
  assert.deepEqual(window.complaints, []);
});

test('a secret leaves only into gateway.env, when asked, for its owner alone', async () => {
  const { page } = window;
  await journey.setUp(page, bridge.folder);
  await page.locator('.wiz-foot').getByRole('button', { name: 'Finish' }).click();
  await journey.arrive(page, 'Home');
  await journey.button(page, 'Practice tenant').click();
  await journey.arrive(page, 'Practice tenant');
  const { Value: secret } = await journey.practiceValues(page);
  assert.deepEqual((await filesHolding(bridge.folder, secret)).holding, []);

  await journey.button(page, 'Home').click();
  await journey.arrive(page, 'Home');
  await page.getByRole('button', { name: /^Open the ten steps of / }).click();
  await journey.settle(page);
  await journey.goToStep(page, 10, STEPS.write);
  await page.getByRole('checkbox', { name: /^Put the client secret into/ }).check();
  await journey.button(page, 'Write again').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Replace it' }).click();
  await page.getByText('holds the secret').waitFor();
  await journey.settle(page);

  const file = join(bridge.folder, 'gateway.env');
  assert.deepEqual((await filesHolding(bridge.folder, secret)).holding, [file]);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.match(await readFile(file, 'utf8'), /^AZURE_CLIENT_SECRET=/m);
  assert.deepEqual((await filesHolding(bridge.home, secret)).holding, []);
  assert.deepEqual(window.complaints, []);
});
