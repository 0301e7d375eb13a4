// All browser tests, in one process: one JupyterLab and one Chromium serve them all.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { besideTests } from './beside.ts';
import { chipsTests } from './chips.ts';
import { type Harness, startHarness } from './harness.ts';
import { kernelTests } from './kernel.ts';
import { lossTests } from './loss.ts';
import { monitorTests } from './monitor.ts';
import { reportTests } from './report.ts';
import { safetyTests } from './safety.ts';
import { skillTests } from './skill.ts';

describe('in JupyterLab', () => {
  let harness: Harness;
  before(async () => {
    harness = await startHarness();
  });
  after(async () => {
    await harness?.stop();
  });
  const lab = () => harness;

  describe('the operator report', () => reportTests(lab));
  describe('the loss curve', () => lossTests(lab));
  describe('the skill map', () => skillTests(lab));
  describe('chips', () => chipsTests(lab));
  describe('the panel of cards', () => monitorTests(lab));
  describe('cells beside each other', () => besideTests(lab));
  describe('the kernel', () => kernelTests(lab));
  describe('hostile and untrusted outputs', () => safetyTests(lab));

  test('no script of ours has failed meanwhile', () => {
    assert.deepEqual(
      harness.errors.filter((text) => text.includes('/extensions/tradewind/')),
      [],
    );
  });
});
