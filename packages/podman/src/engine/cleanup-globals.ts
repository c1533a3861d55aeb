import type { EngineGlobals, EnginePaths } from "./engine.ts";

/** The global flags with which another podman finds the same containers: places are spelled out, whatever its environment will be. */
export function cleanupGlobals(globals: EngineGlobals, paths: EnginePaths, cgroupManager: string): string[] {
  const flag = (name: string, value: string | undefined): string[] => (value === undefined || value === "" ? [] : [`--${name}`, value]);
  return [
    ...flag("root", paths.graphRoot),
    ...flag("runroot", paths.runRoot),
    ...flag("tmpdir", paths.tmpDir),
    ...flag("log-level", globals.logLevel),
    ...flag("cgroup-manager", cgroupManager),
    ...flag("default-mounts-file", globals.defaultMountsFile),
    ...flag("network-config-dir", globals.networkConfigDir),
    ...flag("network-cmd-path", globals.networkCmdPath),
    ...flag("imagestore", globals.imagestore),
    ...flag("volumepath", globals.volumepath),
    ...flag("storage-driver", globals.storageDriver),
    ...(globals.storageOpt ?? []).flatMap((option) => flag("storage-opt", option)),
    ...flag("runtime", globals.runtime),
    ...(globals.runtimeFlag ?? []).flatMap((option) => flag("runtime-flag", option)),
    ...flag("conmon", globals.conmon),
    ...flag("events-backend", globals.eventsBackend),
    ...(globals.hooksDir ?? []).flatMap((directory) => flag("hooks-dir", directory)),
    ...(globals.cdiSpecDir ?? []).flatMap((directory) => flag("cdi-spec-dir", directory)),
    ...(globals.module ?? []).flatMap((module) => flag("module", module)),
    ...(globals.syslog === true ? ["--syslog"] : []),
    ...(globals.transientStore === true ? ["--transient-store"] : []),
  ];
}
