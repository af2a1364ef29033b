import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as journey from './journey.mjs';
import { Portal } from './portal.mjs';

/** What a command answers, called as the page calls it. */
export function ask(page, command, input) {
  return page.evaluate(([name, values]) => globalThis.__TAURI_INTERNALS__.invoke(name, values), [command, input]);
}

/** The id of the connection that the ten steps made. */
export async function connection(page) {
  const { connections } = await ask(page, 'home', {});
  return connections.find((one) => one.name !== 'Rehearsal').id;
}

export async function portalOf(page) {
  return new Portal(await ask(page, 'page_address', { connection: await connection(page), page: 'practice-portal' }));
}

/** Puts gateways on the connection's list, each with its key. */
export async function addGateways(page, gateways) {
  const form = { text: gateways.map((gateway) => gateway.scanned).join('\n'), newGateways: 'make', confirmed: [] };
  await ask(page, 'give_keys', { connection: await connection(page), form });
}

/** From Home to the connection, and to Rotate. */
export async function openRotate(page, title) {
  await journey.button(page, 'Re-validate').click();
  await page.locator('.chain:not(.chain--micro)').waitFor();
  await journey.settle(page);
  await journey.button(page, 'Rotate').click();
  await journey.arrive(page, title);
}

/** Seals for all gateways that do not have the new one, on the screen Rotate. */
export async function sealAll(page, folder, many) {
  await journey.button(page, `Seal bundles for ${many} gateways`).click();
  await page.getByLabel('Write to').fill(folder);
  await journey.button(page, `Seal ${many} bundles`).click();
  await page.getByText(`${many} bundles sealed, and each one read back`).waitFor();
  await journey.settle(page);
}

/** Opens the bundle on its gateway and brings the receipt back. */
export async function answer(page, gateway, folder) {
  gateway.open(join(folder, `${gateway.name}.tar.age`), join(folder, 'allowed_signers'));
  await journey.button(page, 'Receipts').click();
  await page.getByLabel('A receipt, or several').fill(gateway.receipt());
  await journey.button(page, 'Take it').click();
  await page.getByRole('list', { name: 'What came of the receipts' }).getByText(gateway.name).first().waitFor();
  await journey.settle(page);
}

/** The saved connection, as it lies on the disk. */
export async function saved(home) {
  const file = JSON.parse(await readFile(join(home, 'connections.json'), 'utf8'));
  return file.connections[0];
}
