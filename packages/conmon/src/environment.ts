/** Starts the runtime without compiler threads: one thread, hence every signal reaches our signalfd, and less memory. */
export const SINGLE_THREADED = "BUN_JSC_useConcurrentJIT";
/** The runtime's own setting for small processes: no warm-up thread, and a quarter less memory. */
const SMALL = "BUN_JSC_forceMiniVMMode";
/** Marks the process that stays, after the one that the engine started has gone. */
export const STAGE = "_CONMON_STAGE";

/** The environment for programs that we start: the caller's, without what was put in for this process alone. */
export function childEnvironment(): string[] {
  return toList(process.env, [SINGLE_THREADED, SMALL, STAGE]);
}

/** The environment in which this program starts itself as the process that stays. */
export function monitorEnvironment(): string[] {
  return toList({ ...process.env, [SINGLE_THREADED]: "0", [SMALL]: "1", [STAGE]: "monitor" }, []);
}

function toList(env: Readonly<Record<string, string | undefined>>, without: readonly string[]): string[] {
  const list: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !without.includes(name)) list.push(`${name}=${value}`);
  }
  return list;
}
