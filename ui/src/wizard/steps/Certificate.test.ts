import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { card, home } from '../../../test/wire';
import { app } from '../../lib/app.svelte';
import { commands } from '../../lib/bindings';
import { Frame } from '../frame.svelte';
import { certificateOf, journeyOf, linkOf } from '../testing/journey';
import Credential from './Credential.svelte';

vi.mock('../../lib/bindings', async () => (await import('../testing/commands')).fakeBindings());

const button = (name: string) => screen.getByRole('button', { name });

beforeEach(() => {
  vi.clearAllMocks();
  app.problem = null;
  app.screen = { name: 'wizard', connection: 'c1' };
});

it('offers a certificate first, and makes one with a key in the keychain', async () => {
  render(Credential, { journey: journeyOf(), frame: new Frame() });
  const tabs = screen.getAllByRole('tab').map((tab) => tab.textContent);
  expect(tabs).toEqual(['Certificate recommended', 'Client secret']);
  expect(screen.getByRole('tab', { selected: true })).toHaveTextContent('Certificate');
  await userEvent.click(button('Make the certificate'));
  const form = { days: 365, keyBits: 3072, keep: 'keychain', keyFile: '' };
  expect(commands.makeCertificate).toHaveBeenCalledExactlyOnceWith('c1', form);
  expect(commands.check).not.toHaveBeenCalled();
});

it('keeps the key in a file where there is no keychain, and says at the field what is wrong with it', async () => {
  const keychain = { available: false, name: 'Secret Service', because: 'No keychain answers.' };
  const credential = { ...journeyOf().credential, keychain };
  const error = { code: 'invalid-input', field: 'keyFile', what: 'It is there already.', fix: 'Name another.' } as const;
  vi.mocked(commands.makeCertificate).mockResolvedValue({ status: 'error', error });
  render(Credential, { journey: journeyOf({ credential }), frame: new Frame() });
  await userEvent.type(screen.getByLabelText('Key file'), '/home/priya/key.pem');
  await userEvent.click(button('Make the certificate'));
  expect(vi.mocked(commands.makeCertificate).mock.calls[0]?.[1]).toMatchObject({
    keep: 'file',
    keyFile: '/home/priya/key.pem',
  });
  expect(await screen.findByText('It is there already. Name another.')).toBeVisible();
});

it('imports a file, and does not keep its password on the page', async () => {
  vi.mocked(commands.importCertificate).mockResolvedValue({ status: 'ok', data: journeyOf() });
  render(Credential, { journey: journeyOf(), frame: new Frame() });
  await userEvent.click(screen.getByRole('radio', { name: /Import/ }));
  await userEvent.type(screen.getByLabelText('Certificate with its key'), '/home/priya/g.pfx');
  const password = screen.getByLabelText(/^Password of the file/);
  expect(password).toHaveAttribute('type', 'password');
  await userEvent.type(password, 'canary password');
  await userEvent.click(button('Import it'));
  await waitFor(() => expect(password).toHaveValue(''));
  const [, form] = vi.mocked(commands.importCertificate).mock.calls[0] ?? [];
  expect(form).toMatchObject({ file: '/home/priya/g.pfx', keep: 'keychain', password: '' });
});

it('shows the certificate in use, saves its public part, and compares thumbprints', async () => {
  vi.mocked(commands.savePublicPart).mockResolvedValue({ status: 'ok', data: '/home/priya/gatehouse.cer' });
  render(Credential, { journey: journeyOf({ credential: certificateOf() }), frame: new Frame() });
  expect(screen.getByRole('heading', { name: 'gatehouse-contoso-print' })).toBeVisible();
  expect(screen.getByText('Not uploaded yet')).toBeVisible();
  expect(screen.getByText('Secret Service, write-only')).toBeVisible();
  expect(screen.getByText(/, 365 days$/)).toBeVisible();
  await userEvent.click(button('Save public part (.cer)'));
  expect(commands.savePublicPart).toHaveBeenCalledExactlyOnceWith('c1');
  const says = 'Not the same: pair 3 is `7B` there and `7C` here.';
  const verdict = { state: 'wrong', says, trimmed: false, finding: null } as const;
  vi.mocked(commands.judgeField).mockResolvedValue({ status: 'ok', data: verdict });
  await userEvent.click(screen.getByLabelText(/^Compare with the portal’s thumbprint/));
  await userEvent.paste('6a 0b 7b');
  await waitFor(() => expect(commands.judgeField).toHaveBeenCalledWith('c1', 'thumbprint', '6a 0b 7b'));
  expect(await screen.findByText(/Not the same/)).toBeVisible();
});

it('watches for the upload only while the link is open and there is somebody to ask', async () => {
  const credential = certificateOf();
  const registration = { ...journeyOf().registration, tenant: 'contoso.example', clientId: 'c' };
  const shown = render(Credential, { journey: journeyOf({ credential }), frame: new Frame() });
  expect(screen.queryByText(/every 5 s/)).toBeNull();
  await shown.rerender({ journey: journeyOf({ credential, registration }) });
  expect(screen.getByText(/every 5 s/)).toBeVisible();
  await userEvent.click(button('Stop watching'));
  expect(button('Watch for the upload')).toBeVisible();
  const links = journeyOf().links.map((link) =>
    link.link === 'credential' ? linkOf('credential', { state: 'proven' }) : link,
  );
  await shown.rerender({ journey: journeyOf({ credential, registration, links }) });
  expect(screen.getByText('Accepted')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Watch for the upload' })).toBeNull();
});

it('opens the form for secrets when a practice secret is used', async () => {
  const frame = new Frame();
  render(Credential, { journey: journeyOf(), frame });
  expect(frame.credential).toBe('certificate');
  frame.fill['secret']?.('a practice value');
  await waitFor(() => expect(screen.getByLabelText(/^Client secret value/)).toHaveValue('a practice value'));
  expect(frame.credential).toBe('secret');
});

it('can replace the certificate, and go back', async () => {
  render(Credential, { journey: journeyOf({ credential: certificateOf() }), frame: new Frame() });
  await userEvent.click(button('Replace'));
  expect(button('Make the certificate')).toBeVisible();
  await userEvent.click(button('Keep the old one'));
  expect(button('Copy thumbprint')).toBeVisible();
});

it('asks where the key goes before anything is made', async () => {
  const keychain = { available: false, name: 'Secret Service', because: 'No keychain answers.' };
  render(Credential, { journey: journeyOf({ credential: { ...journeyOf().credential, keychain } }), frame: new Frame() });
  await userEvent.click(button('Make the certificate'));
  expect(commands.makeCertificate).not.toHaveBeenCalled();
  expect(await screen.findByText('No file is named for the private key. Name a new file with its whole path.')).toBeVisible();
});

it('warns before a credential that works is replaced, and offers to rotate', async () => {
  const links = journeyOf().links.map((link) => (link.link === 'credential' ? linkOf('credential', { state: 'proven' }) : link));
  render(Credential, { journey: journeyOf({ credential: certificateOf(), links }), frame: new Frame() });
  expect(screen.queryByText(/takes its place at once/)).toBeNull();
  await userEvent.click(screen.getByRole('tab', { name: 'Client secret' }));
  expect(screen.getByText('The certificate in use works.')).toBeVisible();
  expect(button('Rotate')).toBeVisible();
});

it('says that nothing can be entered while a new one is handed out', async () => {
  const before = app.home;
  app.home = home({ connections: [card({ id: journeyOf().id, rotating: true })] });
  render(Credential, { journey: journeyOf({ credential: certificateOf() }), frame: new Frame() });
  await userEvent.click(button('Replace'));
  expect(screen.getByText('A rotation is under way.')).toBeVisible();
  expect(button('Go on rotating')).toBeVisible();
  app.home = before;
});
