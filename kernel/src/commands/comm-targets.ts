/** The comm targets that the kernel answers itself, loaded when a widget opens one. */
import type { CommTarget } from './comm.ts';

const TARGETS: Record<string, () => Promise<{ target: CommTarget }>> = {
  'tradewind.chips': () => import('./comm-chips.ts'),
  'tradewind.loss': () => import('./comm-loss.ts'),
  'tradewind.monitor': () => import('./comm-monitor.ts'),
  'tradewind.skill': () => import('./comm-skill.ts'),
};

export async function findCommTarget(name: string): Promise<CommTarget | undefined> {
  return Object.hasOwn(TARGETS, name) ? (await TARGETS[name]!()).target : undefined;
}
