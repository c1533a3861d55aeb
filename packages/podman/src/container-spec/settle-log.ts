import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerConfig } from "../containers/config.ts";
import type { ContainerSpec } from "./container-spec.ts";
import type { SettleContext } from "./settle-context.ts";

/** containers.conf may name a directory for all logs. */
function logPlace({ defaults, staticDir, id }: SettleContext): string {
  return defaults.logPath === "" ? `${staticDir}/ctr.log` : `${defaults.logPath}/${id}/${id}.log`;
}

export function settleLog(spec: ContainerSpec, context: SettleContext): ContainerConfig["log"] {
  const { defaults } = context;
  const asked = spec.log?.driver || defaults.logDriver;
  const driver = asked;
  if (!["k8s-file", "json-file", "journald", "none", "passthrough", "passthrough-tty"].includes(driver)) {
    throw new ToolError("invalid-argument", "running container create option: invalid log driver: invalid argument");
  }
  const path = driver === "k8s-file" || driver === "json-file" ? (spec.log?.path ?? logPlace(context)) : "";
  const tag = spec.log?.tag ?? (defaults.logTag === "" ? undefined : defaults.logTag);
  return { ...spec.log, driver, path, ...(tag === undefined ? {} : { tag }), maxSize: spec.log?.maxSize ?? defaults.logSizeMax };
}
