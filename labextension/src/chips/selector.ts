/** The chip selector of a notebook's toolbar: shows where cells run, and switches; hidden while the kernel is not Tradewind's. */
import type { ISessionContext } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import type { ChipsRecord } from '../../../kernel/src/records/chips.ts';
import { connect } from '../comms.ts';
import { element, fill } from '../element.ts';
import type { Channel } from '../widget.ts';
import { activeState, engineChoices, engineLabel } from './choices.ts';
import { openMenu } from './menu.ts';

export class ChipSelector extends Widget {
  readonly #channel: Channel;
  readonly #button: HTMLButtonElement;
  #record: ChipsRecord | undefined;
  /** The engine that was asked for, until the kernel says that it is active or why not. */
  #switching: string | undefined;
  #fault: string | undefined;
  #closeMenu: (() => void) | undefined;

  constructor(session: ISessionContext) {
    super();
    this.addClass('tw-chip-selector');
    this.#button = element('button', {
      class: 'tw-chip-button',
      attributes: { type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': 'false' },
      on: { click: () => this.#toggle() },
    });
    this.node.append(this.#button);
    this.hide();
    this.#channel = connect(session, 'tradewind.chips', {
      opened: (channel) => channel.send({ type: 'list' }),
      message: (data) => {
        if (data.type === 'state') {
          this.#record = data.record as ChipsRecord;
          this.#switching = undefined;
          this.#fault = undefined;
        } else if (data.type === 'error') {
          this.#switching = undefined;
          this.#fault = String(data.message);
        }
        this.#show();
      },
      lost: () => {
        this.#record = undefined;
        this.#switching = undefined;
        this.#fault = undefined;
        this.#show();
      },
    });
  }

  #show(): void {
    const active = this.#record?.active;
    this.setHidden(!active);
    if (!active || !this.#record) {
      this.#closeMenu?.();
      return;
    }
    const state = this.#switching ? 'starting' : activeState(this.#record);
    const label = this.#switching ?? engineLabel(active.chip, active.framework);
    fill(
      this.#button,
      element('span', { class: `tw-chip-dot tw-chip-${state}`, attributes: { 'aria-hidden': 'true' } }),
      element('span', { class: 'tw-chip-name', text: label }),
      this.#switching && element('span', { class: 'tw-chip-note', text: 'starting' }),
      state === 'dead' && element('span', { class: 'tw-chip-note', text: 'died' }),
      this.#fault && element('span', { class: 'tw-chip-note', text: '!' }),
      element('span', { class: 'tw-chip-arrow', attributes: { 'aria-hidden': 'true' }, text: '▾' }),
    );
    const words = this.#fault ?? `Cells run on ${active.chip} with ${active.framework}${state ? ` (${state})` : ''}`;
    this.#button.title = words;
    this.#button.setAttribute('aria-label', `${words}. Choose where cells run.`);
  }

  #toggle(): void {
    if (this.#closeMenu) {
      this.#closeMenu();
      return;
    }
    if (!this.#record) return;
    this.#button.setAttribute('aria-expanded', 'true');
    this.#closeMenu = openMenu(
      this.#button,
      engineChoices(this.#record),
      ({ chip, framework }) => {
        this.#switching = engineLabel(chip, framework);
        this.#fault = undefined;
        this.#show();
        this.#channel.send({ type: 'switch', chip, framework });
      },
      () => {
        this.#closeMenu = undefined;
        this.#button.setAttribute('aria-expanded', 'false');
      },
    );
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#closeMenu?.();
    this.#channel.dispose();
    super.dispose();
  }
}
