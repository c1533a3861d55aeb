/**
 * What the JavaScript runtime must be told before it starts. Without compiler threads and in its mode for small processes it has one thread,
 * so that every signal reaches our signalfd, and a quarter less memory; the optimising compiler would keep two megabytes more once there was
 * output, and costs nothing to leave out: a log line takes as long as in the original. An engine that sets these itself saves a restart.
 */
export const MONITOR_SETTINGS: ReadonlyArray<{ readonly name: string; readonly value: string }> = [
  { name: "BUN_JSC_useConcurrentJIT", value: "0" },
  { name: "BUN_JSC_forceMiniVMMode", value: "1" },
  { name: "BUN_JSC_useDFGJIT", value: "0" },
];
/** Marks the process that stays, after the one that the engine started has gone. */
export const STAGE = "_CONMON_STAGE";
/** Names a file that an engine holds locked while it means to clean up after the container itself, and removes when it has. */
export const EXIT_LEASE = "_CONMON_EXIT_LEASE";

/** The environment for programs that we start: the caller's, without what was put in for this process alone. */
export function childEnvironment(): string[] {
  return toList(process.env, [...MONITOR_SETTINGS.map((setting) => setting.name), STAGE, EXIT_LEASE]);
}

/** The environment in which this program starts itself as the process that stays. */
export function monitorEnvironment(): string[] {
  const settings = Object.fromEntries(MONITOR_SETTINGS.map((setting) => [setting.name, setting.value]));
  return toList({ ...process.env, ...settings, [STAGE]: "monitor" }, []);
}

function toList(env: Readonly<Record<string, string | undefined>>, without: readonly string[]): string[] {
  const list: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !without.includes(name)) list.push(`${name}=${value}`);
  }
  return list;
}
