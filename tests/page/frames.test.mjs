import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBridge } from './support/bridge.mjs';
import { endTrace, endWork, traceFrames, traceWork } from './support/frames.mjs';
import * as journey from './support/journey.mjs';
import { practiceTenant } from './support/tenant.mjs';
import { openWindow } from './support/window.mjs';

const { STEPS, button } = journey;
const USERS = 100_000;
/** Each request takes so long that the run shows several counts, whatever the machine. */
const SLOW = { latency_ms: 300 };
/** Milliseconds of processor time that one task of the page may take: a frame that is this late is felt. */
const MOST = 100;
/** Steps of arithmetic that take longer on any machine. */
const HEAVY = 500_000_000;
/** Frames in which the long list is scrolled from its first line to its last. */
const STRIDES = 120;
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
  await tenant('POST', 'changes', { users_added: USERS });
  await journey.goToStep(page, 8, STEPS.sync);
});

after(async () => {
  await window?.close();
  await bridge?.stop();
});

/**
 * Prints what a trace says. When a frame is shown is the machine's affair, which has other things to do, so nothing is
 * asserted of that; what a task takes of the processor is the page's own.
 */
function tell(t, what, { frames, longest, over100, tasks, longestTask }, work) {
  t.diagnostic(
    `${what}: longest frame ${longest} ms of ${frames}, ${over100} over 100 ms; ${tasks} long tasks, the longest ${longestTask} ms; processor time of the longest of ${work.tasks} tasks: ${work.longest} ms`,
  );
}

const numbers = (texts) => texts.filter((text) => text !== null).map((text) => Number(text.replaceAll(/\D/g, '')));

test('a frame that is held up is seen', async (t) => {
  const { page } = window;
  await traceWork(page);
  await traceFrames(page, {});
  await page.evaluate(async (steps) => {
    await new Promise(requestAnimationFrame);
    let number = 1;
    for (let step = 0; step < steps; step++) number = (Math.imul(number, 1664525) + 1013904223) | 0;
    globalThis.keptFromBeingLeftOut = number;
  }, HEAVY);
  await journey.settle(page);
  const trace = await endTrace(page);
  const work = await endWork(page);
  tell(t, 'held up on purpose', trace, work);
  assert.ok(trace.over100 > 0, JSON.stringify(trace));
  assert.ok(work.longest > MOST, JSON.stringify(work));
});

test('a run of a large directory counts before the eyes, and the page answers', async (t) => {
  const { page } = window;
  await tenant('PUT', 'knobs', SLOW);
  await traceWork(page);
  await traceFrames(page, { users: { text: '.live .figure' } });
  await button(page, 'Start the test sync').click();
  await page.locator('[role=progressbar][aria-label=Users]:not([aria-valuenow="0"])').waitFor();
  await button(page, 'Pause').click();
  await page.locator('#phase').getByText('Paused').waitFor();
  await button(page, 'Go on').click();
  await page.getByRole('region', { name: 'Result' }).getByText('The directory was read to the end').waitFor();
  await journey.settle(page);
  const trace = await endTrace(page);
  const work = await endWork(page);
  tell(t, 'the run', trace, work);
  assert.ok(work.tasks > 100 && work.longest <= MOST, JSON.stringify(work));
  const users = numbers(trace.seen.users);
  assert.ok(new Set(users).size > 3, `the counter showed only ${users}`);
  assert.deepEqual(users, users.toSorted((one, other) => one - other), 'it never counts down');
});

test('a hundred thousand lines scroll, with few of them in the page', async (t) => {
  const { page } = window;
  await page.getByRole('tab', { name: 'Users', exact: true }).click();
  const lines = page.getByRole('table', { name: 'Users', exact: true });
  const total = Number(await lines.getAttribute('aria-rowcount'));
  assert.ok(total > USERS, `${total} lines`);
  await lines.getByText(/Member|Guest/).first().waitFor();
  await traceWork(page);
  await traceFrames(page, { rows: { count: '[role=row]' } });
  const box = lines.getByRole('rowgroup', { name: 'Users' });
  const first = await box.evaluate(async (scrolled, strides) => {
    const seen = [];
    for (let stride = 1; stride <= strides; stride++) {
      scrolled.scrollTop = ((scrolled.scrollHeight - scrolled.clientHeight) * stride) / strides;
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      seen.push(Number(scrolled.querySelector('[role=row]').getAttribute('aria-rowindex')));
    }
    return seen;
  }, STRIDES);
  await lines.locator(`[aria-rowindex="${total}"]`).getByText(/Member|Guest/).waitFor();
  await journey.settle(page);
  const trace = await endTrace(page);
  const rows = Math.max(...trace.seen.rows);
  const work = await endWork(page);
  tell(t, `scrolling ${total - 1} lines, ${rows} rows in the page at the most`, trace, work);
  assert.ok(work.tasks > STRIDES && work.longest <= MOST, JSON.stringify(work));
  assert.deepEqual(first, first.toSorted((one, other) => one - other), 'further with every stride');
  assert.ok(first[Math.floor(STRIDES / 2)] > total / 4, 'the middle is shown on the way');
  assert.ok(rows > 1 && rows < 200, `${rows} rows in the page`);
  assert.deepEqual(window.complaints, []);
});
