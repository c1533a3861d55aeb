import { ToolError, wrapError } from "./tool-error.ts";

/** For a clean-up that must go on after a failure and report every one. */
export interface ErrorCollection {
  /** Runs a step; its failure is kept, not thrown. */
  attempt<T>(step: () => T | Promise<T>): Promise<T | undefined>;
  /** Throws what was kept: the one failure itself under `context`, or one error that lists them all. */
  throwIfAny(context: string): void;
}

export function collectErrors(): ErrorCollection {
  const errors: unknown[] = [];
  return {
    async attempt(step) {
      try {
        return await step();
      } catch (error) {
        errors.push(error);
        return undefined;
      }
    },
    throwIfAny(context) {
      const [first] = errors;
      if (errors.length === 0) return;
      if (errors.length === 1) throw wrapError(context, first);
      const texts = errors.map((error) => (error instanceof Error ? error.message : String(error)));
      throw new ToolError(first instanceof ToolError ? first.kind : "internal", `${context}: ${texts.join("; ")}`, { cause: undefined });
    },
  };
}
