/** What a widget of ours is: a function that draws a record into an element, and what it may ask of JupyterLab. */

import type { DrawnOutput } from './outputs.ts';

/** An open comm to the kernel of the notebook that holds the output. */
export interface Channel {
  /** Is there a kernel behind it now? Sending while there is none does nothing. */
  readonly connected: boolean;
  send(data: object, buffers?: (ArrayBuffer | ArrayBufferView)[]): void;
  /** Closes the comm; nothing is heard of it again. A second call does nothing. */
  dispose(): void;
}

export interface ChannelListener {
  /** The comm is open: at first, and anew after every kernel start or restart. Say here what you want. */
  opened(channel: Channel): void;
  message(data: Record<string, unknown>, buffers: DataView[]): void;
  /** The kernel is gone, or has no such target. `opened` follows if it comes back. */
  lost(): void;
}

export interface WidgetServices {
  /**
   * Connects to a comm target of the notebook's kernel, as soon as there is one. `undefined` where no live Tradewind kernel is to be
   * had: outside a notebook, or in a notebook that is not trusted (the widget then shows what its record says).
   */
  connect(target: `tradewind.${string}`, listener: ChannelListener): Channel | undefined;
  /**
   * Draws an output (a MIME bundle) into `host` by JupyterLab's own renderers. `undefined` outside a notebook, and where no renderer may
   * draw it (in a notebook that is not trusted only safe ones do).
   */
  drawOutput(data: Record<string, unknown>, metadata: Record<string, unknown>, host: HTMLElement): DrawnOutput | undefined;
}

/** A drawn widget, alive until it is disposed. */
export interface DrawnWidget<R> {
  /** A newer record of the same output (`update_display_data`): keep what the user has chosen. */
  update(record: R): void;
  /** Its width changed, or it became visible. */
  resize?(): void;
  /** Stops timers and comms. A second call does nothing. */
  dispose(): void;
}

/**
 * Draws `record` into `host`, which is empty and has the class `tw-widget`. Strings of the record come from files that anybody may have
 * written: set them as text, never as HTML.
 */
export type DrawWidget<R> = (host: HTMLElement, record: R, services: WidgetServices) => DrawnWidget<R>;
