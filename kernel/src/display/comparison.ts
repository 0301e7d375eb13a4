export function display(_: unknown) {
  return { text: 'x', html: '' };
}
