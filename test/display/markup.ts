// A strict reader of the displays' HTML: well-formed, only harmless elements and attributes. What an attack would add is refused here.
import assert from 'node:assert/strict';

const ELEMENTS = new Set(
  (
    'div span p strong b em i code pre small sub sup ul ol li dl dt dd table caption thead tbody tfoot tr th td colgroup col details summary header section figure figcaption h3 h4 br hr img a ' +
    'svg g path line rect circle ellipse polyline polygon text tspan title desc defs clipPath linearGradient stop image use marker style'
  ).split(' '),
);
const VOID = new Set(['br', 'hr', 'img', 'col']);
const ATTRIBUTE =
  /^(style|class|id|scope|role|title|alt|src|href|open|colspan|rowspan|tabindex|lang|dir|width|height|viewBox|xmlns|preserveAspectRatio|focusable|d|x|y|x1|x2|y1|y2|dx|dy|cx|cy|r|rx|ry|points|transform|fill|fill-opacity|fill-rule|stroke[a-z-]*|opacity|offset|stop-color|stop-opacity|clip-path|font-[a-z]+|text-anchor|textLength|dominant-baseline|letter-spacing|vector-effect|shape-rendering|image-rendering|gradientUnits|marker-[a-z]+|paint-order|pointer-events|aria-[a-z]+|data-[a-z-]+)$/;

/** The SVG inside of images, in their order. */
export function picturesOf(html: string): string[] {
  return [...html.matchAll(/src="data:image\/svg\+xml;base64,([A-Za-z0-9+/=]*)"/g)].map(([, text]) =>
    Buffer.from(text!, 'base64').toString('utf8'),
  );
}

/** The text that a reader sees. Fails on anything that is not plain, balanced, harmless markup. */
export function readHtml(html: string): string {
  const open: string[] = [];
  let text = '';
  let at = 0;
  while (at < html.length) {
    if (html[at] !== '<') {
      const end = html.indexOf('<', at);
      const piece = html.slice(at, end < 0 ? undefined : end);
      assert.ok(!piece.includes('>'), `a bare > in text: ${piece.slice(0, 80)}`);
      text += piece;
      at += piece.length;
      continue;
    }
    const close = /^<\/([A-Za-z][A-Za-z0-9]*)\s*>/.exec(html.slice(at));
    if (close) {
      assert.equal(close[1], open.pop(), `closing ${close[0]}`);
      at += close[0].length;
      continue;
    }
    const tag = /^<([A-Za-z][A-Za-z0-9]*)((?:\s+[A-Za-z_:][-A-Za-z0-9_:.]*(?:="[^"<>]*")?)*)\s*(\/?)>/.exec(html.slice(at));
    assert.ok(tag, `no element: ${html.slice(at, at + 120)}`);
    const [whole, name, attributes, selfClosed] = tag as unknown as [string, string, string, string];
    assert.ok(ELEMENTS.has(name), `element ${name}`);
    for (const [, attribute, value = ''] of attributes.matchAll(/([A-Za-z_:][-A-Za-z0-9_:.]*)(?:="([^"]*)")?/g)) {
      assert.match(attribute!, ATTRIBUTE, `attribute ${attribute} of ${name}`);
      if (attribute === 'src' || attribute === 'href')
        assert.match(value, /^(data:image\/(png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=]*|#[\w-]+)$/, `${attribute}=${value.slice(0, 80)}`);
      if (attribute === 'style') assert.doesNotMatch(value, /url\(|expression|@import|javascript:/i, `style=${value.slice(0, 120)}`);
    }
    if (!VOID.has(name) && !selfClosed) open.push(name);
    at += whole.length;
  }
  assert.deepEqual(open, [], 'elements left open');
  return text;
}
