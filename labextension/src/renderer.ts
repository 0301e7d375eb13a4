/** The JupyterLab side of a widget that draws a record: loads its drawing code on first use, and hands it a host element. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { connect, sessionOf } from './comms.ts';
import { element, fill } from './element.ts';
import { type DrawnOutput, drawOutput, renderersOf } from './outputs.ts';
import type { DrawnWidget, DrawWidget, WidgetServices } from './widget.ts';

export interface RendererOptions<R> {
  /** The record's `kind`, and the element's class `tw-<name>`. */
  name: string;
  label: string;
  load: () => Promise<DrawWidget<R>>;
}

/** Draws one output; when JupyterLab brings a newer record for the same output, the drawn widget is told, not drawn anew. */
class RecordRenderer<R> extends Widget implements IRenderMime.IRenderer {
  #drawn: DrawnWidget<R> | undefined;
  readonly #options: RendererOptions<R>;
  readonly #mime: IRenderMime.IRendererOptions;
  /** Outputs of JupyterLab's renderers in it: they come onto the page and leave it with it. */
  readonly #outputs = new Set<DrawnOutput>();

  constructor(options: RendererOptions<R>, mime: IRenderMime.IRendererOptions) {
    super();
    this.#options = options;
    this.#mime = mime;
    this.addClass('tw-widget');
    this.addClass(`tw-${options.name}`);
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', options.label);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const record = model.data[this.#mime.mimeType] as unknown as R & { version?: unknown };
    if (record?.version !== 1) {
      this.#fail(`this output has layout version ${String(record?.version)}, and this Tradewind reads 1`);
      return;
    }
    try {
      if (this.#drawn) {
        this.#drawn.update(record);
        return;
      }
      const draw = await this.#options.load();
      if (this.isDisposed) return;
      // Two models in quick succession: the first to get here draws, the second updates.
      if (this.#drawn) (this.#drawn as DrawnWidget<R>).update(record);
      else this.#drawn = draw(this.node, record, this.#services(model.trusted));
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      console.error(error);
    }
  }

  #fail(reason: string): void {
    this.#drawn?.dispose();
    this.#drawn = undefined;
    fill(this.node, element('p', { class: 'tw-fault', text: `The ${this.#options.label} can’t be shown: ${reason}` }));
  }

  #services(trusted: boolean): WidgetServices {
    const path = (this.#mime.resolver as { path?: string } | null)?.path;
    return {
      connect(target, listener) {
        // A renderer may be asked by others than a notebook, who need not heed `safe`.
        const session = trusted ? sessionOf(path) : undefined;
        return session && connect(session, target, listener);
      },
      drawOutput: (data, metadata, host) => {
        const renderers = renderersOf(path);
        const drawn = renderers && drawOutput(renderers, data, metadata, trusted, host);
        if (!drawn) return undefined;
        this.#outputs.add(drawn);
        if (this.isAttached) drawn.attach();
        return {
          ...drawn,
          dispose: () => {
            this.#outputs.delete(drawn);
            drawn.dispose();
          },
        };
      },
    };
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    for (const output of this.#outputs) output.attach();
  }

  protected override onBeforeDetach(message: Message): void {
    for (const output of this.#outputs) output.detach();
    super.onBeforeDetach(message);
  }

  protected override onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    this.#drawn?.resize?.();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.#drawn?.resize?.();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#drawn?.dispose();
    this.#drawn = undefined;
    super.dispose();
  }
}

/** A renderer for outputs of `mimeType`. Rank 0 puts it before the static HTML that stands beside it in the bundle. */
export function recordRenderer<R>(mimeType: string, options: RendererOptions<R>): IRenderMime.IExtension {
  return {
    id: `tradewind:${options.name}-renderer`,
    description: `Shows the ${options.label} of Tradewind.`,
    rank: 0,
    dataType: 'json',
    rendererFactory: {
      // Of a notebook that nobody trusts JupyterLab shows safe types alone: the static HTML beside this one, cleaned. Nothing of ours runs there.
      safe: false,
      mimeTypes: [mimeType],
      createRenderer: (mime) => new RecordRenderer(options, mime),
    },
  };
}
