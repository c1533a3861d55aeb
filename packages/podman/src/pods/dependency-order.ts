/** A container and the containers that must run before it. */
export interface Dependent {
  readonly id: string;
  readonly dependencies: readonly string[];
}

/**
 * Containers in groups: each group depends on earlier ones alone, so its members can be started side by side, and stopped in the reverse order.
 * What a cycle holds comes last, together.
 */
export function dependencyOrder(containers: readonly Dependent[]): string[][] {
  const groups: string[][] = [];
  let waiting = [...containers];
  while (waiting.length > 0) {
    const ids = new Set(waiting.map(({ id }) => id));
    const ready = waiting.filter(({ dependencies }) => !dependencies.some((dependency) => ids.has(dependency)));
    const group = ready.length === 0 ? waiting : ready;
    groups.push(group.map(({ id }) => id));
    waiting = waiting.filter((container) => !group.includes(container));
  }
  return groups;
}
