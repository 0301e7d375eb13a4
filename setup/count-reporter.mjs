// A reporter for Node's test runner that writes one JSON object: how many tests passed, failed and were skipped.
export default async function* count(source) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of source) {
    // Suites are only the folders of tests; a file with no test in it is counted when it fails.
    if (data?.details?.type === 'suite') continue;
    // A known fault (todo) is neither passed nor failed, as Node's own exit code has it.
    if (type === 'test:fail' && data.todo !== undefined) counts.skipped += 1;
    else if (type === 'test:pass') counts[data.skip !== undefined || data.todo !== undefined ? 'skipped' : 'passed'] += 1;
    else if (type === 'test:fail') counts.failed += 1;
  }
  yield JSON.stringify(counts);
}
