import type { ContainersConf } from "@containers/common/config/containers-conf";
import { containersConfKeys } from "@containers/common/config/containers-conf-keys";
import { ToolError } from "@containers/common/errors/tool-error";
import type { EngineGlobals } from "./engine.ts";

/**
 * Refuses what containers.conf asks of the engine as a whole and cannot have.
 *
 * @throws unsupported or invalid-argument, with the original's words
 */
export function refuseConfig({ engine, network }: Pick<ContainersConf, "engine" | "network">, globals: EngineGlobals = {}): void {
  // Locks are files in a directory that a reboot empties; that serves those who ask for either.
  if (!["", "shm", "file"].includes(engine.lockType))
    throw new ToolError("invalid-argument", `unknown lock type ${engine.lockType}: invalid argument`);
  if ((globals.namespace || engine.namespace) !== "")
    throw new ToolError(
      "unsupported",
      "namespaces are not supported by this version of Libpod, please unset the `namespace` field in containers.conf: not yet implemented",
    );
  const networkBackend = globals.networkBackend || network.networkBackend;
  if (networkBackend !== "" && networkBackend !== "netavark")
    throw new ToolError(
      "unsupported",
      `cni support is not enabled in this build, only netavark. Got unsupported network backend ${JSON.stringify(networkBackend)}`,
    );
  const backend = globals.dbBackend || engine.databaseBackend;
  if (backend === "boltdb")
    throw new ToolError("unsupported", "boltdb is deprecated, no new BoltDB databases can be created", {
      hint: "leave containers.conf's database_backend out",
    });
  if (backend !== "" && backend !== "sqlite") throw new ToolError("invalid-argument", `unsupported database backend: "${backend}"`);
}

/** Runtimes are always asked for errors as JSON; one that is known to write them, and is said not to, is not used. */
export function refuseRuntime({ engine }: Pick<ContainersConf, "engine">, name: string): void {
  const known: readonly string[] = containersConfKeys.engine.runtime_supports_json.default;
  if (known.includes(name) && !engine.runtimeSupportsJson.includes(name))
    throw new ToolError("unsupported", `containers.conf's runtime_supports_json without ${name}, the runtime in use, is not supported yet`);
}
