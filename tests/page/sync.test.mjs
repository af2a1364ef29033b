import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { practiceTenant } from './support/tenant.mjs';
import { openWindow } from './support/window.mjs';

const { STEPS, button } = journey;
/** Slow enough to look at: the users alone are twelve pages, one after the other. */
const SLOW = { latency_ms: 1500, page_size: 20 };
const QUICK = { latency_ms: 0, page_size: 0, quota: 0, storm_seconds: 0 };
let bridge;
let window;
let tenant;

before(async () => {
  bridge = await startBridge();
  window = await openWindow(bridge);
  const { page } = window;
  await journey.startPracticeTenant(page);
  await journey.startSteps(page);
  await journey.next(page, STEPS.registration);
  await journey.register(page);
  await journey.next(page, STEPS.credential);
  await journey.saveSecret(page);
  tenant = await practiceTenant(bridge.home);
  await journey.goToStep(page, 8, STEPS.sync);
});

beforeEach(() => tenant('PUT', 'knobs', QUICK));

after(async () => {
  await window?.close();
  await bridge?.stop();
});

const result = (page) => page.getByRole('region', { name: 'Result' });
const status = (page, words) => page.locator('#phase').getByText(words).waitFor();
const start = (page) => button(page, 'Start the test sync').click();

async function runAgain(page, way) {
  await button(page, 'Run again').click();
  await page.getByRole('radio', { name: way }).check();
  await start(page);
}

async function readToTheEnd(page) {
  await result(page).getByText('The directory was read to the end').waitFor();
  await journey.settle(page);
}

test('a forecast before, a run that rests, and one that goes on where it stopped', async () => {
  const { page } = window;
  await button(page, 'Forecast').click();
  await page.getByText('partly a guess').waitFor();
  await audit(page, '08-sync-forecast');

  await tenant('PUT', 'knobs', SLOW);
  await start(page);
  await status(page, 'Reading users');
  await page.locator('[role=progressbar][aria-label=Users]:not([aria-valuenow="0"])').waitFor();
  await audit(page, '08-sync-running');
  await button(page, 'Pause').click();
  await status(page, 'Paused');
  await page.getByText('Nothing new is asked for.').waitFor();
  await audit(page, '08-sync-paused');
  const read = () => page.locator('.figure').first().textContent();
  await button(page, 'Go on').click();
  await status(page, 'Reading users');
  await button(page, 'Cancel').click();
  await result(page).getByText('the result is partial').waitFor();
  await journey.settle(page);
  assert.notEqual(await read(), '0', 'what was read is kept');
  await audit(page, '08-sync-cancelled');

  await tenant('PUT', 'knobs', QUICK);
  assert.ok(await page.getByRole('radio', { name: 'Continue where it stopped' }).isChecked());
  await start(page);
  await readToTheEnd(page);
  assert.equal(await page.getByText('counted twice, same').count(), 2);
  await journey.link(page, 'Directory', /Proven/);
});

test('a pause that Microsoft asks for is told with its reason', async () => {
  const { page } = window;
  await runAgain(page, 'Everything');
  await readToTheEnd(page);
  await tenant('PUT', 'knobs', { storm_seconds: 30, storm_retry_after: 30 });
  await runAgain(page, 'Everything');
  await page.getByText('Microsoft asked us to slow down.').waitFor();
  await audit(page, '08-sync-throttled');
  await tenant('PUT', 'knobs', QUICK);
  await button(page, 'Cancel').click();
  await journey.settle(page);
  await start(page);
  await readToTheEnd(page);
});

test('what changed is asked for alone, and shown by name', async () => {
  const { page } = window;
  await tenant('POST', 'changes', { users_added: 3, users_removed: 1, members_added: 2, groups_renamed: 1 });
  await runAgain(page, 'What changed');
  await readToTheEnd(page);
  await result(page).getByText('+3').waitFor();
  const tab = page.getByRole('tab', { name: /^Changed since \d+ [A-Z][a-z]+ \d\d:\d\d$/ });
  assert.equal(await tab.getAttribute('aria-selected'), 'true');
  const lines = page.getByRole('table', { name: /^Changed since / });
  assert.equal(await lines.getByRole('row').filter({ hasText: 'Added' }).filter({ hasNotText: 'Membership' }).count(), 3);
  await audit(page, '08-sync-changed');

  for (const name of ['Users', 'Groups']) {
    await page.getByRole('tab', { name, exact: true }).click();
    await page.getByRole('table', { name, exact: true }).getByRole('row', { name: /\w{4}/ }).nth(3).waitFor();
    await journey.settle(page);
    await page.locator('#lists').scrollIntoViewIfNeeded();
    await audit(page, `08-sync-${name.toLowerCase()}`);
  }
  await page.getByRole('button', { name: /^Show .* disabled/ }).click();
  await page.getByRole('tab', { name: 'Disabled' }).waitFor();
  await page.getByRole('table', { name: 'Disabled' }).getByRole('cell', { name: /disabled/ }).first().waitFor();
});

test('a long list is read to its end with the keyboard', async () => {
  const { page } = window;
  await page.getByRole('tab', { name: 'Users', exact: true }).click();
  const lines = page.getByRole('table', { name: 'Users', exact: true });
  const total = Number(await lines.getAttribute('aria-rowcount'));
  assert.ok(total > 200, `${total} lines need two pages`);
  await lines.getByRole('rowgroup', { name: 'Users' }).focus();
  await page.keyboard.press('End');
  await lines.locator(`[aria-rowindex="${total}"]`).getByText(/Member|Guest/).waitFor();
  assert.ok((await lines.getByRole('row').count()) < 40, 'only what is in view is in the page');
});

test('a mass removal is held back until its number is typed', async () => {
  const { page } = window;
  await tenant('POST', 'changes', { remove_share_of_users: 0.5 });
  await runAgain(page, 'What changed');
  await page.getByRole('heading', { name: /^Held back: [\d,]+ removals$/ }).waitFor();
  await journey.settle(page);
  await audit(page, '08-sync-held');
  await button(page, 'Show what would go').click();
  await page.getByRole('table', { name: 'What would change' }).getByText('Removed').first().waitFor();
  await page.getByRole('button', { name: /^Accept [\d,]+ removals…$/ }).click();
  const dialog = page.getByRole('dialog');
  const accept = dialog.getByRole('button', { name: /^Accept [\d,]+ removals$/ });
  assert.equal(await accept.getAttribute('aria-disabled'), 'true');
  await audit(page, '08-sync-accept');
  const number = /[\d,]+/.exec(await accept.textContent())[0];
  await dialog.getByRole('textbox').fill(number);
  assert.equal(await accept.getAttribute('aria-disabled'), null);
  await accept.click();
  await readToTheEnd(page);
  await journey.link(page, 'Directory', /Proven/);
});

test('after failures in a row syncs pause, until somebody clears the pause', async () => {
  const { page } = window;
  await tenant('PUT', 'knobs', { scenario: 'secret-wrong' });
  await button(page, 'Run again').click();
  for (let failure = 1; failure <= 3; failure++) {
    await start(page);
    await journey.settle(page);
    await page.getByRole('alert').getByText('refused the request').waitFor();
  }
  await page.getByRole('heading', { name: /^Test syncs pause until/ }).waitFor();
  await audit(page, '08-sync-quarantine');
  await button(page, 'Restart…').click();
  await page.getByRole('radio', { name: /^What it goes on from/ }).check();
  await audit(page, '08-sync-restart');
  await button(page, 'Leave it as it is').click();
  await tenant('PUT', 'knobs', { scenario: 'healthy' });
  await button(page, 'Clear and try now').click();
  await readToTheEnd(page);
  assert.equal(await page.getByText(/^Test syncs pause until/).count(), 0);
  assert.deepEqual(window.complaints, []);
});
