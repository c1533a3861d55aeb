/** Global flags that say where containers and images are. */
const PLACES = ["root", "runroot", "storage-driver", "tmpdir", "network-config-dir", "volumepath", "cgroup-manager", "runtime"] as const;

/** Those flags as they were given, for another podman that is to find the same things. */
export function placeFlags(globals: Readonly<Record<string, unknown>>): readonly string[] {
  const named = PLACES.flatMap((flag) => {
    const value = globals[flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
    return typeof value === "string" && value !== "" ? [`--${flag}=${value}`] : [];
  });
  const options = globals["storageOpt"];
  return [...named, ...(Array.isArray(options) ? options.map((option) => `--storage-opt=${String(option)}`) : [])];
}
