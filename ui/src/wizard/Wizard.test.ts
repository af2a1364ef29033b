import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { app } from '../lib/app.svelte';
import { commands, type StepId } from '../lib/bindings';
import { STEP_ORDER } from './steps';
import { journeyOf, stepOf } from './testing/journey';
import Wizard from './Wizard.svelte';

vi.mock('../lib/bindings', async () => (await import('./testing/commands')).fakeBindings());

function open(currentStep: StepId, blocked: string | null = null): void {
  app.screen = { name: 'wizard', connection: 'c1' };
  app.journey = journeyOf({
    currentStep,
    steps: STEP_ORDER.map((step) => stepOf(step, { blocked: step === currentStep ? blocked : null })),
  });
}

beforeEach(() => {
  vi.clearAllMocks();
  app.problem = null;
  vi.mocked(commands.goToStep).mockImplementation(async (_, step) => {
    return { status: 'ok', data: journeyOf({ currentStep: step }) };
  });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }));
});

describe('the wizard', () => {
  it('goes on with Continue and with Alt+Right, and moves focus to the new heading', async () => {
    open('permissions');
    render(Wizard);
    await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
    await waitFor(() => expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Admin consent'));
    expect(screen.getByRole('heading', { level: 1 })).toHaveFocus();
    await userEvent.keyboard('{Alt>}{ArrowRight}{/Alt}');
    await waitFor(() => expect(commands.goToStep).toHaveBeenLastCalledWith('c1', 'public-client'));
  });

  it('does not go on while blocked, says why, and moves focus to what is missing', async () => {
    open('registration', 'Enter the tenant and the client ID.');
    render(Wizard);
    const button = screen.getByRole('button', { name: 'Continue' });
    expect(button).toHaveAttribute('aria-disabled', 'true');
    expect(button).toHaveAccessibleDescription('Enter the tenant and the client ID.');
    await userEvent.click(button);
    await waitFor(() => expect(screen.getByLabelText(/^Tenant ID or domain/)).toHaveFocus());
    expect(commands.goToStep).not.toHaveBeenCalled();
  });

  it('stays when a change could not be saved, and shows why', async () => {
    open('registration');
    app.journey = journeyOf({
      currentStep: 'registration',
      registration: { ...journeyOf().registration, tenant: 'contoso.com', clientId: 'one' },
    });
    const error = {
      code: 'invalid-input',
      field: 'clientId',
      what: 'This is no client ID.',
      fix: 'Copy it again.',
    } as const;
    vi.mocked(commands.saveRegistration).mockResolvedValue({ status: 'error', error });
    render(Wizard);
    await userEvent.type(screen.getByLabelText(/^Application \(client\) ID/), 'x');
    await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
    await waitFor(() => expect(screen.getByRole('alert')).toHaveFocus());
    expect(screen.getByRole('alert')).toHaveTextContent('This is no client ID.');
    expect(commands.goToStep).not.toHaveBeenCalled();
    expect(screen.getByLabelText(/^Application \(client\) ID/)).toHaveValue('onex');
  });

  it('opens any step from the rail and with Ctrl and a digit', async () => {
    open('permissions');
    render(Wizard);
    await userEvent.keyboard('{Control>}0{/Control}');
    await waitFor(() => expect(commands.goToStep).toHaveBeenLastCalledWith('c1', 'write'));
    await userEvent.click(screen.getByTitle('2. Registration'));
    await waitFor(() => expect(commands.goToStep).toHaveBeenLastCalledWith('c1', 'registration'));
  });

  it("shows a link's evidence in the panel, and hides the panel with Ctrl+B", async () => {
    open('permissions');
    const { container } = render(Wizard);
    await userEvent.click(screen.getByRole('button', { name: /^Tenant: .*Show evidence$/ }));
    expect(screen.getByRole('complementary', { name: 'Evidence' })).toHaveTextContent('Tenant');
    await userEvent.keyboard('{Control>}b{/Control}');
    expect(container.querySelector('.wiz')).toHaveAttribute('data-panel', 'closed');
  });

  it.each(STEP_ORDER)('has one h1 and no axe violation on step %s', async (step) => {
    open(step);
    const { container } = render(Wizard);
    expect(screen.getAllByRole('heading', { level: 1 })).toHaveLength(1);
    // Colours need a real browser.
    const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
  });
});
