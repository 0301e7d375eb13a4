export function skillHtml(_: unknown): string {
  return '';
}
