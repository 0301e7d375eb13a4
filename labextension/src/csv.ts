/** Fields of CSV files. */

/** A field as RFC 4180 wants it; one that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
