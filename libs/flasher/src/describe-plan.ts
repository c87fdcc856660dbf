import type { PlanFile } from './render-plan';

/** The plan as people read it, a line each. */
export function describePlan(plan: PlanFile): string[] {
  return [
    `plan for ${plan.device} with firmware "${plan.firmware}", engine ${plan.engine}`,
    ...plan.card.map(({ name, bytes, sha256 }) => column('card', `${name}, ${bytes} bytes, SHA-256 ${sha256}`)),
    ...plan.flash.map(({ name, bytes, address, endAddress }) =>
      column('flash chip', `${name}, ${bytes} bytes, from ${address} to below ${endAddress}`),
    ),
    column('script', `loads kmodel v${plan.kmodelVersion} from ${plan.script.loads}`),
    column('memory', memory(plan)),
    ...plan.warnings.flatMap(({ code, message, hint }) => [
      `warning[${code}] ${message}`,
      ...(hint === undefined ? [] : [`  hint: ${hint}`]),
    ]),
  ];
}

function memory({ memory: { kmodelBytes, mainMemoryBytes, reservedBytes, freeBytes } }: PlanFile): string {
  const needed = kmodelBytes + mainMemoryBytes + reservedBytes;
  return `${mebibytes(needed)} of about ${mebibytes(freeBytes)} (model, main memory, camera, screen)`;
}

const column = (title: string, text: string): string => `  ${title.padEnd(11)} ${text}`;
const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
