import { resolve } from "node:path";
import type { ContainersConf } from "@containers/common/config/containers-conf";
import { userPaths } from "@containers/common/fs/xdg-paths";
import { networkConfigDir } from "@containers/common/network/network-config-dir";
import type { StorageConf } from "@containers/storage/config/storage-conf";
import type { EngineGlobals, EnginePaths } from "./engine.ts";

/** Where everything is: flags before containers.conf before storage.conf before the usual places. */
export function enginePaths(
  globals: EngineGlobals,
  config: ContainersConf,
  host: { readonly rootless: boolean; readonly storage: Pick<StorageConf, "graphRoot" | "runRoot" | "transientStore"> },
): EnginePaths {
  const graphRoot = resolve(globals.root || host.storage.graphRoot);
  const runRoot = resolve(globals.runroot || host.storage.runRoot);
  const tmpDir = resolve(
    globals.tmpdir || config.engine.tmpDir || (host.rootless ? `${userPaths().runtimeDir}/libpod/tmp` : "/run/libpod"),
  );
  const configDir = globals.networkConfigDir || config.network.networkConfigDir;
  return {
    graphRoot,
    runRoot,
    tmpDir,
    exitsDir: `${tmpDir}/exits`,
    persistDir: `${tmpDir}/persist`,
    volumesDir: globals.volumepath || config.engine.volumePath || `${graphRoot}/volumes`,
    stateFile: `${globals.transientStore === true || host.storage.transientStore === true ? runRoot : config.engine.staticDir || graphRoot}/podman-state.sqlite`,
    locksDir: `${tmpDir}/locks`,
    eventsFile: config.engine.eventsLogfilePath || `${tmpDir}/events/events.log`,
    secretsDir: `${graphRoot}/secrets`,
    networkConfigDir: networkConfigDir({ rootless: host.rootless, graphRoot, ...(configDir === "" ? {} : { configDir }) }),
  };
}
