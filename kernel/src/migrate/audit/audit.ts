/** The audit of training code: every rule over every file of SOURCE, PyTorch's and MindSpore's alike. */
import type { AuditFinding } from '../../records/report.ts';
import type { Inference } from '../infer.ts';
import type { SourceModule } from '../modules.ts';
import * as accounting from './accounting.ts';
import * as evaluation from './evaluation.ts';
import { audited, type Rule } from './finding.ts';
import * as mindspore from './mindspore.ts';
import * as setUp from './set-up.ts';
import * as steps from './steps.ts';

export const RULES: readonly Rule[] = [...steps.rules, ...accounting.rules, ...evaluation.rules, ...setUp.rules, ...mindspore.rules];

/** Findings of the modules, in the order of the text; a rule speaks once a line. */
export function audit(modules: Iterable<SourceModule>, inference: Inference): AuditFinding[] {
  const found = new Map<string, AuditFinding>();
  const own = [...modules].filter((module) => !module.outside);
  for (const module of own) {
    if (!/\b(torch|mindspore)\b/.test(module.source)) continue;
    const rules = RULES.filter((rule) => rule.needs.test(module.source));
    if (rules.length === 0) continue;
    const file = audited(module, own, inference);
    for (const rule of rules)
      for (const { node, message } of rule.check(file)) {
        const key = `${module.file}:${node.row}:${rule.name}`;
        if (!found.has(key)) found.set(key, { file: module.file, line: node.row + 1, rule: rule.name, message, remedy: rule.remedy });
      }
  }
  return [...found.values()].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
}
