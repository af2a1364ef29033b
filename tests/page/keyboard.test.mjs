import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

const { STEPS, GROUPS, arrive, button } = journey;
const MOST_TABS = 80;
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

/** Presses Tab until an element has the focus, and the focus can be seen. */
async function tabTo(page, locator) {
  await locator.waitFor();
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    await page.keyboard.press('Tab');
    if (!(await locator.evaluate((element) => element === document.activeElement))) continue;
    const seen = await locator.evaluate((element) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
    });
    assert.ok(seen, `the focus cannot be seen on ${locator}`);
    return;
  }
  assert.fail(`Tab never reaches ${locator}`);
}

async function press(page, locator) {
  await tabTo(page, locator);
  await page.keyboard.press('Enter');
}

/** Arrives at a screen, whose heading must have the focus so that it is read out. */
async function arriveAtHeading(page, title) {
  await arrive(page, title);
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1', `the focus is not on “${title}”`);
}

async function goOn(page, title) {
  await journey.settle(page);
  await page.keyboard.press('Alt+ArrowRight');
  await arriveAtHeading(page, title);
}

test('from Home to the written config with the keyboard alone', async () => {
  const { page } = window;
  const footer = page.locator('.wiz-foot');

  await arrive(page, 'Prove it before you hand it over');
  await press(page, button(page, 'Start practice'));
  await arriveAtHeading(page, 'Practice tenant');
  await press(page, button(page, 'Start the practice tenant'));
  await button(page, 'Start the ten steps').waitFor();
  const values = await journey.practiceValues(page);
  await press(page, button(page, 'Start the ten steps'));
  await arriveAtHeading(page, STEPS.prepare);

  await goOn(page, STEPS.registration);
  await press(page, footer.getByRole('button', { name: 'Continue' }));
  await journey.settle(page);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'tenant', 'Continue leads to what is missing');
  await page.keyboard.insertText(values['Primary domain']);
  await tabTo(page, page.locator('#clientId'));
  await page.keyboard.insertText(values['Application (client) ID']);

  await goOn(page, STEPS.credential);
  await tabTo(page, page.getByRole('tab', { name: /^Certificate/ }));
  await page.keyboard.press('ArrowRight');
  await tabTo(page, page.locator('#secret'));
  await page.keyboard.insertText(values.Value);
  await tabTo(page, page.getByLabel('I do not know it'));
  await page.keyboard.press('Space');
  await press(page, journey.button(page, 'Save and try it'));
  await page.getByText('Secret kept in').waitFor();

  await goOn(page, STEPS.permissions);
  await goOn(page, STEPS.consent);
  await goOn(page, STEPS.publicClient);
  await goOn(page, STEPS.token);
  await page.keyboard.press('F5');
  await page.getByRole('heading', { name: 'What is in the token' }).waitFor();

  await goOn(page, STEPS.sync);
  await press(page, button(page, 'Start the test sync'));
  await page.getByRole('region', { name: 'Result' }).getByText('The directory was read to the end').waitFor();

  await goOn(page, STEPS.access);
  await tabTo(page, page.getByRole('combobox', { name: 'Add a group' }));
  await page.keyboard.insertText(GROUPS.administrators);
  await page.getByRole('option', { name: GROUPS.administrators }).first().waitFor();
  await page.keyboard.press('Enter');
  const role = page.getByRole('combobox', { name: `Role for ${GROUPS.administrators}` });
  await tabTo(page, role);
  await page.keyboard.press('ArrowDown');
  await journey.settle(page);
  assert.equal(await role.evaluate((select) => select.selectedIndex), 1);
  await page.keyboard.press('ArrowUp');
  await journey.settle(page);

  await goOn(page, STEPS.write);
  await tabTo(page, page.getByLabel('Write to'));
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(bridge.folder);
  await press(page, button(page, 'Write'));
  await page.getByText('files written, and each one read back').waitFor();
  await access(join(bridge.folder, 'gateway.json'));

  await page.keyboard.press('Control+1');
  await arriveAtHeading(page, STEPS.prepare);
  await page.keyboard.press('Control+0');
  await arriveAtHeading(page, STEPS.write);
  await page.keyboard.press('Alt+ArrowLeft');
  await arriveAtHeading(page, STEPS.access);
  await goOn(page, STEPS.write);

  const regions = await page.locator('[data-region]').count();
  const visited = new Set();
  for (let turn = 0; turn < regions; turn += 1) {
    await page.keyboard.press('F6');
    visited.add(
      await page.evaluate(() =>
        [...document.querySelectorAll('[data-region]')].indexOf(document.activeElement?.closest('[data-region]')),
      ),
    );
  }
  assert.deepEqual([...visited].sort(), [...Array(regions).keys()], 'F6 reaches every region once');

  await press(page, footer.getByRole('button', { name: 'Finish' }));
  await arriveAtHeading(page, 'Home');
  assert.deepEqual(window.complaints, []);
});
