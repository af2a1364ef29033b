import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { after, before, test } from 'node:test';
import { audit } from './support/audit.mjs';
import { filesHolding, startBridge } from './support/bridge.mjs';
import { Gateway } from './support/gateway.mjs';
import * as journey from './support/journey.mjs';
import { openWindow } from './support/window.mjs';

let bridge;
let window;
let folder;
let secret;
let first;
let second;
let other;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-gateways-'));
  [first, second, other] = ['plant-1', 'plant-2', 'elsewhere'].map((name) => new Gateway(folder, name));
  bridge = await startBridge();
  window = await openWindow(bridge);
  const { page } = window;
  await journey.setUp(page, bridge.folder);
  await page.locator('.wiz-foot').getByRole('button', { name: 'Finish' }).click();
  await journey.arrive(page, 'Home');
  await journey.button(page, 'Practice tenant').click();
  await journey.arrive(page, 'Practice tenant');
  secret = (await journey.practiceValues(page)).Value;
  await page.locator('.side').getByRole('button', { name: 'Gateways' }).click();
  await journey.arrive(page, 'Gateways');
});

after(async () => {
  await window?.close();
  await bridge?.stop();
  if (folder) await rm(folder, { recursive: true });
});

const row = (page, name) => page.getByRole('row').filter({ has: page.getByRole('checkbox', { name, exact: true }) });
const press = async (page, name) => {
  await journey.button(page, name).click();
  await journey.settle(page);
};

/** What is blocked can be reached and pressed, and says why nothing happens. */
const pressBlocked = async (page, locator) => {
  assert.equal(await locator.getAttribute('aria-disabled'), 'true');
  await locator.focus();
  await page.keyboard.press('Enter');
  await journey.settle(page);
};

test('the first gateway is added, with its key as ssh-keygen shows it', async () => {
  const { page } = window;
  await page.getByRole('heading', { name: 'No gateways yet' }).waitFor();
  await audit(page, '50-gateways-empty');
  await press(page, 'Add a gateway');
  await page.getByLabel('Name').fill('plant-1');
  await page.getByLabel('Address').fill('plant-1.contoso.com');
  await page.getByLabel('Recipient key').fill('ssh-ed25519 AAAA');
  await press(page, 'Add it');
  await page.locator('#key-below').getByText(/key/).waitFor();
  await audit(page, '50-gateways-add');
  await page.getByLabel('Recipient key').fill(first.line);
  await press(page, 'Add it');
  await row(page, 'plant-1').getByText(`${first.fingerprint} (ED25519)`).waitFor();
  await row(page, 'plant-1').getByText('Not sealed yet').waitFor();
});

test('many keys are shown before they are given, and a change of key asks', async () => {
  const { page } = window;
  await press(page, 'Add keys');
  const swapped = other.scanned.replace('elsewhere', 'plant-1');
  await page.getByLabel('Public keys').fill(`# scanned\n${second.scanned}\n${swapped}\nplant-9 ssh-dss AAAA\n`);
  await page.getByText('New gateway plant-2').waitFor();
  await page.getByText('Replaces the key of plant-1').waitFor();
  await page.getByText('Line 4').waitFor();
  await audit(page, '50-gateways-keys');
  await press(page, 'Give 2 keys');
  const dialog = page.getByRole('dialog', { name: 'Replace the key of plant-1?' });
  await dialog.getByText(first.fingerprint).waitFor();
  await dialog.getByText(other.fingerprint).waitFor();
  await audit(page, '50-gateways-confirm');
  await dialog.getByRole('button', { name: 'Keep the present key' }).click();
  assert.equal(await row(page, 'plant-2').count(), 0, 'nothing is changed while it is asked');
  await page.getByLabel('Public keys').fill(second.scanned);
  await page.getByText('Replaces the key of plant-1').waitFor({ state: 'detached' });
  await press(page, 'Give 1 key');
  await row(page, 'plant-2').getByText(second.fingerprint).waitFor();
});

test('a confirmed change of key is made', async () => {
  const { page } = window;
  for (const [to, at] of [[other, 1], [first, 2]]) {
    await press(page, 'Change plant-1');
    await page.getByLabel('Another recipient key').fill(to.line);
    if (at === 1) await audit(page, '50-gateways-change');
    await press(page, 'Save');
    const dialog = page.getByRole('dialog', { name: 'Replace the key of plant-1?' });
    await pressBlocked(page, dialog.getByRole('button', { name: 'Replace it' }));
    assert.equal(await dialog.isVisible(), true, 'it waits for the comparison');
    await dialog.getByRole('checkbox').check();
    await dialog.getByRole('button', { name: 'Replace it' }).click();
    await row(page, 'plant-1').getByText(to.fingerprint).waitFor();
    await journey.settle(page);
  }
});

test('of a table, lines that cannot be used are named and left out only when asked', async () => {
  const { page } = window;
  await press(page, 'Import a list');
  const table = ['name,address,key,outputs', 'plant-3,plant-3.contoso.com,,systemd', '-bad-,,,', 'plant-4,,not a key,', 'plant-5,,,paper'];
  await page.getByLabel('Table').fill(table.join('\n'));
  const problems = page.getByRole('region', { name: 'Lines that cannot be used' });
  for (const line of ['Line 3', 'Line 4, key', 'Line 5, outputs']) await problems.getByText(line).waitFor();
  await audit(page, '50-gateways-import');
  await pressBlocked(page, journey.button(page, 'Import'));
  assert.equal(await row(page, 'plant-3').count(), 0);
  await page.getByRole('checkbox', { name: /Leave these 3 lines out/ }).check();
  await press(page, 'Import 1 gateway');
  await row(page, 'plant-3').getByText('No key yet').waitFor();
  await audit(page, '50-gateways-list');
});

test('bundles are sealed, and one opens with age, tar and ssh-keygen alone', async () => {
  const { page } = window;
  const bundles = join(folder, 'bundles');
  await press(page, 'Seal bundles');
  await page.getByText('plant-3 has no key yet and will be left out.').waitFor();
  await page.getByLabel('Write to').fill(bundles);
  await page.getByText('The folder will be made.').waitFor();
  await audit(page, '50-gateways-seal');
  await press(page, 'Seal 2 bundles');
  await page.getByText('2 bundles sealed, and each one read back').waitFor();
  await page.getByText('1 gateway left out').waitFor();
  await row(page, 'plant-1').getByText('Waiting').waitFor();
  await audit(page, '51-gateways-sealed');
  await page.getByRole('tab', { name: 'Stock tools' }).click();
  await page.getByRole('region', { name: 'Open it on the gateway' }).scrollIntoViewIfNeeded();
  await audit(page, '51-gateways-stock-tools');
  const files = first.open(join(bundles, 'plant-1.tar.age'), join(bundles, 'allowed_signers'));
  for (const file of ['gateway.json', 'gateway.env', 'manifest.json']) assert.ok(files.includes(file), file);
  assert.equal(first.manifest.gateway, 'plant-1');
  assert.throws(() => second.open(join(bundles, 'plant-1.tar.age'), join(bundles, 'allowed_signers')), 'only its own key opens it');
});

test('bundles that are there are replaced only when the admin says so', async () => {
  const { page } = window;
  await press(page, 'Seal bundles');
  await press(page, 'Seal 2 bundles');
  const dialog = page.getByRole('dialog', { name: 'Replace the bundles in this folder?' });
  await dialog.waitFor();
  await audit(page, '51-gateways-replace');
  await dialog.getByRole('button', { name: 'Keep what is there' }).click();
  await press(page, 'Cancel');
});

test('a receipt confirms its gateway, and one that another key signed does not', async () => {
  const { page } = window;
  await press(page, 'Receipts');
  await page.getByLabel('A receipt, or several').fill(first.receipt(second));
  await press(page, 'Take it');
  await page.getByText('Not believed').waitFor();
  await row(page, 'plant-1').getByText('Waiting').waitFor();
  await page.getByLabel('A receipt, or several').fill(`${first.receipt()}\nhello\n`);
  await press(page, 'Take it');
  const lines = page.getByRole('list', { name: 'What came of the receipts' });
  await lines.getByText(/has the current credential/).waitFor();
  await row(page, 'plant-1').getByText('Confirmed').waitFor();
  await page.getByText('3 gateways: 1 confirmed, 1 waiting for its receipt, 1 without a key').waitFor();
  await audit(page, '52-gateways-receipts');
  await press(page, 'Close');
});

test('Home and step 10 tell how many have confirmed, and step 10 seals too', async () => {
  const { page } = window;
  await press(page, 'Home');
  await page.locator('.c-gw').getByText('1 of 3').waitFor();
  await audit(page, '52-gateways-home');
  await page.getByRole('button', { name: /^Open the ten steps/ }).click();
  await journey.goToStep(page, 10, journey.STEPS.write);
  assert.equal(await page.getByRole('tab', { name: 'Sealed bundles' }).getAttribute('aria-selected'), 'true');
  await page.getByText('1 of 3 confirmed').first().waitFor();
  await audit(page, '53-write-bundles');
  await page.getByLabel('Write to').fill(join(folder, 'from-step-10'));
  await page.getByRole('checkbox', { name: /Ansible inventory and playbook/ }).check();
  await press(page, 'Seal 2 bundles');
  await page.getByText('2 bundles sealed, and each one read back').waitFor();
  await audit(page, '53-write-sealed');
  await page.getByRole('tab', { name: 'Ansible' }).click();
  await page.getByText('ansible-playbook gatehouse.yml').waitFor();
  const inventory = await readFile(join(folder, 'from-step-10', 'inventory.yml'), 'utf8');
  for (const known of ['plant-1.contoso.com', 'plant-2']) assert.ok(inventory.includes(known), known);
  await page.getByRole('tab', { name: 'Plain files' }).click();
  await page.getByRole('checkbox', { name: /Put the client secret into/ }).waitFor();
  await page.getByRole('tab', { name: 'Sealed bundles' }).click();
  await press(page, 'Everything about gateways');
  await journey.arrive(page, 'Gateways');
});

test('a gateway is added and removed with the keyboard alone', async () => {
  const { page } = window;
  await journey.button(page, 'Add gateway').focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'gateway');
  await page.keyboard.insertText('plant-7');
  await page.keyboard.press('Enter');
  await row(page, 'plant-7').waitFor();
  await journey.settle(page);
  await journey.button(page, 'Remove plant-7').focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Remove plant-7?' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await journey.button(page, 'Remove plant-7').focus();
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Remove it' }).focus();
  await page.keyboard.press('Enter');
  await row(page, 'plant-7').waitFor({ state: 'detached' });
});

test('a thousand gateways are imported, and only those in view are in the page', async () => {
  const { page } = window;
  await press(page, 'Import a list');
  const many = Array.from({ length: 1000 }, (_, at) => `site-${String(at).padStart(4, '0')},10.0.${at >> 8}.${at & 255}`);
  await page.getByLabel('Table').fill(['name,address', ...many].join('\n'));
  await page.getByText('1,000 new gateways').waitFor();
  await press(page, 'Import 1,000 gateways');
  await page.getByText('1,003 gateways:').waitFor();
  assert.ok((await page.getByRole('row').count()) < 40);
  await page.getByRole('rowgroup', { name: 'Gateways' }).evaluate((box) => (box.scrollTop = box.scrollHeight));
  await row(page, 'site-0999').waitFor();
  await audit(page, '54-gateways-thousand');
  await page.getByLabel('Filter gateways').fill('site-0123');
  await page.getByText('1 of 1,003 shown').waitFor();
});

/** Where in an answer a text stands, as the names on the way to it. */
function placesIn(value, text, way = []) {
  if (typeof value === 'string') return value.includes(text) ? [way.filter((step) => Number.isNaN(Number(step))).join('.')] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => placesIn(inner, text, [...way, name]));
}

test('no secret came to the page, to a log, or to a file that is not sealed', async () => {
  const keys = [first, second, other].map((gateway) => [gateway, gateway.privateKey]);
  const secrets = [secret, ...keys.map(([, key]) => key)];
  const answers = window.answers.map((answer) => JSON.parse(answer));
  assert.ok(answers.length > 60, `${answers.length} answers`);
  // The practice tenant's own values are shown on its screen, and nowhere else.
  const places = answers.flatMap((answer) => placesIn(answer, secret));
  assert.ok(places.length > 0, 'the secret that is looked for is the one that is used');
  assert.deepEqual(places.filter((place) => !/(^|\.)practice\.clientSecret$/.test(place)), []);
  assert.ok(!window.answers.join('').includes('PRIVATE KEY'));
  for (const hidden of secrets) {
    assert.ok(!bridge.said().includes(hidden));
    for (const kept of [bridge.home, bridge.folder]) {
      const { searched, holding } = await filesHolding(kept, hidden);
      assert.ok(searched > 0, kept);
      assert.deepEqual(holding, []);
    }
  }
  // On the gateway that opened its bundle, and in no folder of sealed ones.
  const opened = await filesHolding(folder, secret);
  assert.ok(opened.searched >= 20, `${opened.searched} files`);
  assert.ok(opened.holding.length > 0);
  assert.deepEqual(opened.holding.filter((path) => !path.startsWith(first.folder + sep)), []);
  for (const [gateway, key] of keys) assert.deepEqual((await filesHolding(folder, key)).holding, [gateway.key]);
  assert.deepEqual(window.complaints, []);
});
