/** Meant for this process alone: systemd's word to it, where a service elsewhere is, how its own runtime behaves. */
const OURS_ALONE = /^(NOTIFY_SOCKET|LISTEN_(PID|FDS|FDNAMES)|CONTAINER_(HOST|CONNECTION|SSHKEY)|BUN_JSC_.*)$/;

/** Our monitor is one thread that never gets hot and stays small; told so by whoever starts it, it need not start itself again. */
const OWN_SETTINGS = ["BUN_JSC_useConcurrentJIT=0", "BUN_JSC_forceMiniVMMode=1", "BUN_JSC_useDFGJIT=0"];

/**
 * The environment of a monitor, and so of the OCI runtime, its hooks and the clean-up command: the caller's, as the original hands it on, but for
 * what is meant for this process alone. Root's containers belong to the system, not to the session of the user who became root.
 */
export function monitorEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  monitor: { readonly isOwn: boolean; readonly rootless: boolean },
): string[] {
  const kept = Object.entries(env).flatMap(([name, value]) => {
    const isDropped = OURS_ALONE.test(name) || (name === "DBUS_SESSION_BUS_ADDRESS" && !monitor.rootless);
    return value === undefined || isDropped ? [] : [`${name}=${value}`];
  });
  return monitor.isOwn ? [...kept, ...OWN_SETTINGS] : kept;
}
