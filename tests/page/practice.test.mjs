import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { filesHolding, startBridge } from './support/bridge.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

let bridge;
let window;

before(async () => {
  bridge = await startBridge();
  window = await openWindow(bridge);
  await journey.startPracticeTenant(window.page);
});

after(async () => {
  await window?.close();
  await bridge?.stop();
});

const radios = (page) => page.getByRole('radiogroup', { name: 'Choose a state' }).getByRole('radio');

test('every state is in the list, along the chain, and a search finds it', async () => {
  const { page } = window;
  const all = await radios(page).count();
  assert.ok(all > 8, `only ${all} states`);
  const order = ['Network', 'Tenant', 'App', 'Credential', 'Token', 'Consent', 'Directory', 'Gateway'];
  const heads = await page.locator('.scenario-head').allTextContents();
  assert.deepEqual(heads, order.filter((link) => heads.includes(link)), 'the groups follow the chain');
  await page.getByRole('searchbox').fill('secret-expired');
  assert.equal(await radios(page).count(), 1);
  await audit(page, '20-practice-search');
  await page.getByRole('searchbox').fill('');
  assert.equal(await radios(page).count(), all);
});

test('a state is looked at before it is played, and mended after it', async () => {
  const { page } = window;
  await journey.lookAt(page, 'secret-expired');
  assert.equal(await page.getByText('Fault active').count(), 0);
  await journey.choose(page, 'secret-expired');
  await page.getByText('Fault active').waitFor();
  await audit(page, '20-practice-fault');
  await journey.button(page, 'Mend everything').click();
  await page.getByRole('heading', { name: 'Everything works' }).waitFor();
});

test('a rehearsal shows the fault in Re-validate, and mending it heals the chain', async () => {
  const { page } = window;
  await journey.lookAt(page, 'secret-expired');
  await journey.button(page, 'Rehearse it').click();
  await journey.arrive(page, 'Rehearsal');
  await journey.link(page, 'Credential', /Broken/);
  assert.deepEqual(await page.locator('[data-finding] .finding-sub .mono').allTextContents(), ['secret-expired']);
  await audit(page, '21-rehearsal');
  await journey.button(page, 'Mend it and check again').click();
  await journey.settle(page);
  await journey.link(page, 'Consent', /Proven/);
  assert.equal(await page.locator('[data-finding] .finding-sub .mono', { hasText: 'secret-expired' }).count(), 0);
  await audit(page, '21-rehearsal-mended');

  await journey.button(page, 'Choose another').click();
  await journey.arrive(page, 'Practice tenant');
  await page.getByText(/^1 of \d+ rehearsed$/).waitFor();
  await audit(page, '20-practice-rehearsed');
});

test('the rehearsal of what was pasted wrongly holds the wrong value', async () => {
  const { page } = window;
  await journey.lookAt(page, 'app-unknown');
  await journey.button(page, 'Rehearse it').click();
  await journey.arrive(page, 'Rehearsal');
  await journey.link(page, 'App', /Broken/);
  const connections = page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: /^Rehearsal/ });
  assert.equal(await connections.count(), 1, 'there is one connection for all rehearsals');
  await journey.button(page, 'Practice tenant').click();
  await journey.arrive(page, 'Practice tenant');
});

for (const [scenario, kind, says] of [
  ['certificate-expired', 'certificate', /throwaway certificate/],
  ['password-wrong', 'account', /signs in with an account/],
]) {
  test(`the rehearsal with ${kind === 'account' ? 'an account' : 'a certificate'} meets its state, is mended, and tells nobody the key`, async () => {
    const { page } = window;
    await journey.lookAt(page, scenario);
    await page.getByText(says).waitFor();
    await audit(page, `20-practice-${kind}`);
    await journey.button(page, 'Rehearse it').click();
    await journey.arrive(page, 'Rehearsal');
    const findings = page.locator('[data-finding] .finding-sub .mono');
    assert.deepEqual(await findings.allTextContents(), [scenario]);
    await audit(page, `21-rehearsal-${kind}`);
    await page.getByRole('button', { name: /^(Check again|Re-validate)$/ }).first().click();
    await journey.settle(page);
    assert.deepEqual(await findings.allTextContents(), [scenario], 'checked again, it is still there');
    await journey.button(page, 'Mend it and check again').click();
    await journey.settle(page);
    await journey.link(page, 'Consent', /Proven/);
    assert.deepEqual(await findings.allTextContents(), [], 'nothing is left of it');
    assert.ok(!window.answers.some((answer) => answer.includes('PRIVATE KEY')), 'the page was given no private key');
    assert.deepEqual((await filesHolding(bridge.home, 'PRIVATE KEY')).holding, []);
    await journey.button(page, 'Choose another').click();
    await journey.arrive(page, 'Practice tenant');
  });
}

test('a state that no rehearsal meets says why, and can be played', async () => {
  const { page } = window;
  await journey.lookAt(page, 'session-revoked');
  await page.getByText(/keeps no sign-in that could be revoked/).waitFor();
  assert.equal(await journey.button(page, 'Rehearse it').count(), 0);
  await journey.button(page, 'Only play it').waitFor();
  await audit(page, '20-practice-unmet');
});

test('a surprise is not told before it is asked for', async () => {
  const { page } = window;
  await journey.button(page, 'Surprise me').click();
  await page.getByRole('heading', { name: 'A surprise' }).waitFor();
  assert.equal(await page.getByRole('radio', { checked: true }).count(), 0);
  await audit(page, '20-practice-surprise');
  await journey.button(page, 'Show what it is').click();
  assert.equal(await page.getByRole('radio', { checked: true }).count(), 1);
  await journey.button(page, 'Mend everything').click();
  await journey.settle(page);
  assert.deepEqual(window.complaints, []);
});

test('the list is walked with the arrows, and the rehearsal begins with the keyboard alone', async () => {
  const { page } = window;
  await page.getByRole('searchbox').focus();
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement?.value);
  await page.keyboard.press('ArrowDown');
  const second = await page.evaluate(() => document.activeElement?.value);
  assert.notEqual(second, first);
  assert.equal(await page.locator(`input[value="${second}"]`).isChecked(), true);
  const outlined = await page.evaluate(() => {
    const row = document.activeElement?.closest('label');
    return row ? getComputedStyle(row).outlineStyle : 'none';
  });
  assert.notEqual(outlined, 'none', 'the focus can be seen on the row');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  const pressed = await page.evaluate(() => document.activeElement?.textContent?.trim());
  assert.equal(pressed, 'Rehearse it');
});
