import { join } from 'node:path';

/** The ten steps by their headings. */
export const STEPS = {
  prepare: 'Prepare',
  registration: 'App registration',
  credential: 'Credential',
  permissions: 'Permissions',
  consent: 'Admin consent',
  publicClient: 'Public client flows',
  token: 'Test token',
  sync: 'Test sync',
  access: 'Gateway access',
  write: 'Write the config',
};
/** The practice tenant's groups that the journey gives roles to. */
export const GROUPS = { everybody: 'Print – Everyone', administrators: 'Print – Administrators' };

export const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true });
export const button = (page, name) => page.getByRole('button', { name, exact: true });

/** Waits until the screen has this heading and no command is running. */
export async function arrive(page, title) {
  await heading(page, title).waitFor();
  await settle(page);
}

/** Waits until no command is under way and the screen shows what the last one answered. */
export async function settle(page) {
  await page.waitForFunction(() => window.bridge.pending() === 0);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
}

/** A link of the chain, by its state's word: `await link(page, 'Token', /Proven/)`. */
export async function link(page, name, word) {
  const chain = page.getByRole('list', { name: /^Chain of proof/ }).first();
  await chain.getByRole('button', { name: new RegExp(`^${name}\\b.*${word.source}`) }).waitFor();
}

export async function startPracticeTenant(page) {
  await button(page, 'Start practice').click();
  await arrive(page, 'Practice tenant');
  await button(page, 'Start the practice tenant').click();
  await button(page, 'Start the ten steps').waitFor();
}

/** Looks at one of the practice tenant's states; the Practice screen is shown. */
export async function lookAt(page, scenario) {
  await page.locator(`input[name=scenario][value=${scenario}]`).check();
  await settle(page);
}

/** Sets the practice tenant's state; the Practice screen is shown. */
export async function choose(page, scenario) {
  await lookAt(page, scenario);
  const play = page.getByRole('button', { name: /^(Only play|Play) it$/ });
  if (await play.isVisible()) await play.click();
  await settle(page);
}

/** The practice tenant's values as its screen shows them: `{'Directory (tenant) ID': …, Value: …}`. */
export function practiceValues(page) {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('dl.values dt')].map((term) => [
        term.textContent.trim(),
        term.nextElementSibling.textContent.trim(),
      ]),
    ),
  );
}

export async function startSteps(page) {
  await button(page, 'Start the ten steps').click();
  await arrive(page, STEPS.prepare);
}

/** Presses Continue and waits for the next step. */
export async function next(page, title) {
  await settle(page);
  await page.locator('.wiz-foot').getByRole('button', { name: 'Continue' }).click();
  await arrive(page, title);
}

export async function useValue(page, label) {
  await button(page, `Use this value: ${label}`).click();
  await settle(page);
}

export async function register(page) {
  await useValue(page, 'Primary domain');
  await useValue(page, 'Application (client) ID');
  await useValue(page, 'Display name');
  await link(page, 'Tenant', /Proven/);
}

/** Opens the tab for client secrets in step 3. */
export async function chooseSecret(page) {
  await page.getByRole('tab', { name: 'Client secret' }).click();
}

export async function saveSecret(page) {
  await useValue(page, 'Value');
  await page.getByLabel('I do not know it').check();
  await button(page, 'Save and try it').click();
  await page.getByText('Secret kept in').waitFor();
  await settle(page);
}

export async function fetchToken(page) {
  await page.getByRole('button', { name: /^Get a( new)? token$/ }).click();
  await page.getByRole('heading', { name: 'What is in the token' }).waitFor();
  await settle(page);
}

export async function testSync(page) {
  await button(page, 'Start the test sync').click();
  await page.getByRole('region', { name: 'Result' }).getByText('The directory was read to the end').waitFor();
  await settle(page);
}

export async function addGroup(page, name) {
  await page.getByRole('combobox', { name: 'Add a group' }).fill(name);
  await page.getByRole('option', { name }).first().click();
  await page.getByRole('combobox', { name: `Role for ${name}` }).waitFor();
  await settle(page);
}

export async function giveRole(page, group, role) {
  await page.getByRole('combobox', { name: `Role for ${group}` }).selectOption({ label: role });
  await settle(page);
}

export async function write(page, folder) {
  await page.getByLabel('Write to').fill(folder);
  await button(page, 'Write').click();
  await page.getByText('files written, and each one read back').waitFor();
  await settle(page);
  return join(folder, 'gateway.json');
}

/** All ten steps, quickly, with the practice tenant in its healthy state. */
export async function setUp(page, folder) {
  await startPracticeTenant(page);
  await startSteps(page);
  await next(page, STEPS.registration);
  await register(page);
  await next(page, STEPS.credential);
  await saveSecret(page);
  await goToStep(page, 8, STEPS.sync);
  await testSync(page);
  await next(page, STEPS.access);
  await addGroup(page, GROUPS.administrators);
  await next(page, STEPS.write);
  return write(page, folder);
}

/** Goes to a step by its key. */
export async function goToStep(page, number, title) {
  await page.keyboard.press(`Control+${number % 10}`);
  await arrive(page, title);
}
