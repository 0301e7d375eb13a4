/** Outputs inside of a widget of ours, drawn by JupyterLab's own renderers: rich output, errors and ipywidgets look as in any cell. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';

type MimeData = Record<string, unknown>;

/** The part of JupyterLab's registry of renderers that is used here. */
export interface Renderers {
  preferredMimeType(data: never, safe: 'ensure' | 'any'): string | undefined;
  createRenderer(mimeType: string): IRenderMime.IRenderer;
  createModel(options: { data: never; metadata: never; trusted: boolean }): IRenderMime.IMimeModel;
}

/** What finds the renderers of the notebook at a path; set once by the extension's plugin. */
type RenderersFinder = (path: string) => Renderers | undefined;

let findRenderers: RenderersFinder = () => undefined;

export function setRenderersFinder(finder: RenderersFinder): void {
  findRenderers = finder;
}

/** The renderers of the notebook at `path`, where one is open. */
export function renderersOf(path: string | undefined): Renderers | undefined {
  return path === undefined ? undefined : findRenderers(path);
}

/** An output that has been drawn. */
export interface DrawnOutput {
  readonly node: HTMLElement;
  /** Puts it into its host, which has come onto the page: what measures itself or starts scripts waits for that. */
  attach(): void;
  /** Takes it out of its host, which is about to leave the page. */
  detach(): void;
  /** A second call does nothing. */
  dispose(): void;
}

/** Draws a MIME bundle for `host`, to be attached there; undefined where none of its types may be drawn (an output that is not trusted is drawn by safe renderers alone). */
export function drawOutput(
  renderers: Renderers,
  data: MimeData,
  metadata: MimeData,
  trusted: boolean,
  host: HTMLElement,
): DrawnOutput | undefined {
  const type = renderers.preferredMimeType(data as never, trusted ? 'any' : 'ensure');
  if (type === undefined) return undefined;
  const renderer = renderers.createRenderer(type);
  renderer.renderModel(renderers.createModel({ data: data as never, metadata: metadata as never, trusted })).catch((error) => {
    renderer.node.textContent = `This output can’t be shown: ${error instanceof Error ? error.message : String(error)}`;
  });
  return {
    node: renderer.node,
    attach() {
      if (!renderer.isDisposed && !renderer.isAttached && host.isConnected) Widget.attach(renderer, host);
    },
    detach() {
      if (renderer.isAttached && host.isConnected) Widget.detach(renderer);
    },
    dispose: () => renderer.dispose(),
  };
}
