/** What a display is: a record drawn as text and as static HTML. Each `<kind>.ts` beside this file exports one as `display`. */

export interface Display {
  /** At most 80 columns where the content allows it, aligned, without colours. Ends without a line break. */
  text: string;
  /** Static and self-contained: inline styles, pictures as SVG, no scripts, every value escaped. May be drawn when it is first asked for. */
  readonly html: string;
}

/** MIME type → content, as a Jupyter message carries it. */
export type MimeBundle = Record<string, unknown>;
