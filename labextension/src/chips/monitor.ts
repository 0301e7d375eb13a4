/**
 * The sidebar's panel: use, memory, power and temperature of every card that the notebook's engines have, here or elsewhere, now and over
 * the last hour. It follows the notebook that is in front, and asks for nothing while it is hidden.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { MeterSample } from '../../../kernel/src/records/energy.ts';
import { createHistory, type History, type MonitoredCard } from '../../../kernel/src/records/monitor.ts';
import { connect } from '../comms.ts';
import { element, fill } from '../element.ts';
import type { Channel } from '../widget.ts';
import { drawCard, machines } from './cards.ts';

interface Power {
  powered: boolean;
  reason: string;
}

export class Monitor extends Widget {
  #session: ISessionContext | undefined;
  #channel: Channel | undefined;
  #history: History | undefined;
  #power: Power | undefined;
  #fault: string | undefined;
  readonly #body = element('div');

  constructor() {
    super();
    this.id = 'tradewind-monitor';
    this.addClass('tw-widget');
    this.addClass('tw-monitor');
    this.title.iconClass = 'tw-monitor-icon jp-SideBar-tabIcon';
    this.title.caption = 'Cards: use, memory, power, temperature';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Cards');
    this.node.append(element('header', { class: 'tw-monitor-head' }, element('h3', { text: 'Cards' })), this.#body);
    this.#show();
  }

  /** The session of the notebook in front. */
  follow(session: ISessionContext | undefined): void {
    if (session === this.#session) return;
    this.#session = session;
    this.#disconnect();
    if (this.isVisible) this.#connect();
    this.#show();
  }

  #connect(): void {
    if (this.#channel || !this.#session) return;
    this.#channel = connect(this.#session, 'tradewind.monitor', {
      opened: (channel) => channel.send({ type: 'watch' }),
      message: (data) => {
        if (data.type === 'history') {
          this.#history = createHistory(data.cards as MonitoredCard[]);
          this.#power = data.power as Power;
        } else if (data.type === 'samples') this.#history?.add(data.samples as MeterSample[]);
        else if (data.type === 'error') this.#fault = String(data.message);
        this.#show();
      },
      lost: () => {
        this.#forget();
        this.#show();
      },
    });
  }

  #disconnect(): void {
    this.#channel?.dispose();
    this.#channel = undefined;
    this.#forget();
  }

  #forget(): void {
    this.#history = undefined;
    this.#power = undefined;
    this.#fault = undefined;
  }

  #show(): void {
    const cards = this.#history?.cards() ?? [];
    const now = Math.max(0, ...cards.map((card) => card.now.time));
    if (this.#fault !== undefined) fill(this.#body, element('p', { class: 'tw-fault', text: this.#fault }));
    else if (cards.length === 0) {
      const text = this.#channel?.connected
        ? 'The meters are being asked.'
        : 'Cards are shown while a notebook on the Tradewind kernel is in front.';
      fill(this.#body, element('p', { class: 'tw-empty', text }));
    } else {
      fill(
        this.#body,
        ...[...machines(cards)].flatMap(([place, all]) => [
          element('h4', { class: 'tw-section-title', text: place === undefined ? 'This machine' : `At ${place}` }),
          ...all.map((card) => drawCard(card, now)),
          noMeter(place, all, this.#power),
        ]),
        element('p', { class: 'tw-foot', text: since(cards) }),
      );
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.#connect();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) this.#connect();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.#disconnect();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#disconnect();
    super.dispose();
  }
}

/** No meter, no number: then it is said, and why. */
function noMeter(place: string | undefined, cards: readonly MonitoredCard[], power: Power | undefined): HTMLElement | null {
  const metered = cards.some(
    ({ now, history }) => now.watts !== undefined || now.joules !== undefined || history.watts?.some((one) => one !== null),
  );
  if (metered) return null;
  const why = place === undefined && power && !power.powered ? `: ${power.reason}` : '';
  return element('p', { class: 'tw-monitor-none', text: `Nothing here meters power${why}.` });
}

/** `Measured since 03:28. Lines show the last hour.` */
function since(cards: readonly MonitoredCard[]): string {
  const first = Math.min(...cards.map((card) => card.history.time[0] ?? card.now.time));
  const clock = new Date(1000 * first).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return `Measured since ${clock}. Lines show the last hour.`;
}
