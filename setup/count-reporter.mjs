// A reporter for Node's test runner that writes one JSON object: how many tests passed, failed and were skipped.
export default async function* count(source) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of source) {
    // Suites are only the folders of tests; a file with no test in it is counted when it fails.
    if (data?.details?.type === 'suite') continue;
    if (type === 'test:pass') counts[data.skip !== undefined || data.todo !== undefined ? 'skipped' : 'passed'] += 1;
    else if (type === 'test:fail') counts.failed += 1;
  }
  yield JSON.stringify(counts);
}
