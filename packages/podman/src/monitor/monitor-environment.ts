const NAMES =
  /^(PATH|HOME|USER|LOGNAME|LANG|TERM|TMPDIR|XDG_.*|CONTAINERS_.*|_CONTAINERS_.*|STORAGE_.*|DBUS_SESSION_BUS_ADDRESS|PODMAN_.*)$/;

/** Our monitor is one thread that never gets hot and stays small; told so by whoever starts it, it need not start itself again. */
const OWN_SETTINGS = ["BUN_JSC_useConcurrentJIT=0", "BUN_JSC_forceMiniVMMode=1", "BUN_JSC_useDFGJIT=0"];

/**
 * The environment of a monitor, and so of the OCI runtime and the clean-up command: what these need to find the same files. The rest
 * stays here, because it may hold secrets and would be readable in /proc for as long as the container lives.
 */
export function monitorEnvironment(env: Readonly<Record<string, string | undefined>>, isOwn: boolean): string[] {
  const kept = Object.entries(env).flatMap(([name, value]) => (value !== undefined && NAMES.test(name) ? [`${name}=${value}`] : []));
  return isOwn ? [...kept, ...OWN_SETTINGS] : kept;
}
