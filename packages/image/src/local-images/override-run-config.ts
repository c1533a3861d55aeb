import type { OciRunConfig } from "./image-config.ts";

/**
 * `base` with what `over` says: texts replace, lists of names and labels are added to, the environment is merged by name. An entrypoint or a command
 * replaces both. The stop signal is always `over`'s.
 */
export function overrideRunConfig(base: OciRunConfig, over: OciRunConfig): OciRunConfig {
  const starts = (over.Entrypoint?.length ?? 0) > 0 || (over.Cmd?.length ?? 0) > 0 ? over : base;
  return {
    ...base,
    User: over.User || base.User,
    WorkingDir: over.WorkingDir || base.WorkingDir,
    ExposedPorts: merged(base.ExposedPorts, over.ExposedPorts),
    Volumes: merged(base.Volumes, over.Volumes),
    Labels: merged(base.Labels, over.Labels),
    Env: mergedEnvironment(base.Env ?? [], over.Env ?? []),
    Entrypoint: starts.Entrypoint,
    Cmd: starts.Cmd,
    StopSignal: over.StopSignal,
    ...(over.Healthcheck === undefined ? {} : { Healthcheck: over.Healthcheck }),
  };
}

function merged<T>(base: Readonly<Record<string, T>> | undefined, over: Readonly<Record<string, T>> | undefined) {
  return base === undefined && over === undefined ? undefined : { ...base, ...over };
}

function mergedEnvironment(base: readonly string[], over: readonly string[]): string[] {
  const byName = new Map([...base, ...over].map((entry) => [entry.split("=", 1)[0] ?? "", entry]));
  return [...byName.values()];
}
