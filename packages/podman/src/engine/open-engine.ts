import { type ContainersConf, loadContainersConf } from "@containers/common/config/containers-conf";
import { containersConfKeys } from "@containers/common/config/containers-conf-keys";
import { ToolError } from "@containers/common/errors/tool-error";
import type { OpenNetwork } from "@containers/common/network/open-network";
import type { UserModeSettings } from "@containers/common/network/start-user-mode";
import type { findRuntime } from "@containers/common/oci-runtime/find-runtime";
import type { OciRuntime } from "@containers/common/oci-runtime/runtime";
import { selfCommand } from "@containers/common/process/reexec";
import { isRootless } from "@containers/common/rootless/rootless";
import { linuxSys } from "@containers/common/sys/linux";
import { registriesConfFromEnvironment } from "@containers/image/registries-conf/paths";
import { loadStorageConf, type StorageConf } from "@containers/storage/config/storage-conf";
import { openStore } from "@containers/storage/open-store";
import type { Store } from "@containers/storage/store";
import { fileLocks } from "../locks/file-locks.ts";
import { findConmon } from "../monitor/find-conmon.ts";
import { openSqliteState } from "../state/sqlite/open-sqlite-state.ts";
import { chooseCgroupManager } from "./cgroup-manager.ts";
import { cleanupGlobals } from "./cleanup-globals.ts";
import { openDiagnostics } from "./diagnostics.ts";
import type { Engine, EngineGlobals } from "./engine.ts";
import { enginePaths } from "./engine-paths.ts";
import { lazyRecord, once } from "./once.ts";
import { readDefaults } from "./read-defaults.ts";
import { refuseConfig, refuseRuntime } from "./refuse-config.ts";
import { keepOtherReserve, keepReserve, RUN_RESERVE, STORE_RESERVE } from "./reserve.ts";

/**
 * Composes the engine out of the configuration and the global flags. Opens nothing: each port is made when it is first read, and what only some commands
 * need is loaded then (`require`: a port is had at once). `config` may be one that is loaded already.
 */
export function openEngine(
  globals: EngineGlobals = {},
  config: ContainersConf = loadContainersConf({
    files: globals.configFiles,
    ...(globals.module === undefined ? {} : { modules: globals.module }),
  }),
): Engine {
  refuseConfig(config, globals);
  setEnvironment(config);
  const storageConf = once(() => loadStorageConf());
  const conmon = once(() =>
    findConmon({ ...(globals.conmon === undefined ? {} : { flag: globals.conmon }), configured: configuredConmon(config) }),
  );
  const diagnostics = once(() => openDiagnostics(globals));
  const reserve = once(() => {
    const { graphRoot, tmpDir } = engine.paths;
    keepReserve(graphRoot, STORE_RESERVE);
    keepOtherReserve(tmpDir, graphRoot, RUN_RESERVE);
  });
  const engine: Engine = lazyRecord<Engine>({
    globals: () => globals,
    config: () => config,
    sys: linuxSys,
    rootless: () => isRootless(),
    paths: () => enginePaths(globals, config, { rootless: engine.rootless, storage: storageConf() }),
    cgroupManager: () => chooseCgroupManager(globals.cgroupManager || config.engine.cgroupManager, engine),
    store: () => {
      reserve();
      return openEngineStore(engine, storageConf());
    },
    state: () => {
      engine.debug(() => `Using tmp dir ${engine.paths.tmpDir}`);
      engine.debug(() => `Using the state file ${engine.paths.stateFile}`);
      reserve();
      return openSqliteState(engine.paths.stateFile, engine.sys);
    },
    locks: () => fileLocks(engine.sys, engine.paths.locksDir),
    events: () => {
      const { openEvents }: typeof import("../events/open-events.ts") = require("../events/open-events.ts");
      return openEvents(engine);
    },
    networkHost: () => openNetworks(engine),
    network: () => engine.networkHost.backend,
    networks: () => engine.networkHost.store,
    images: () => ({
      store: engine.store,
      registry: registriesConfFromEnvironment(),
      warn: engine.warn,
      debug: engine.debug,
      retryDelay: 1000,
      ...(config.engine.imageParallelCopies > 0 ? { parallelCopies: config.engine.imageParallelCopies } : {}),
      compressionDefaults: async () => ({ format: config.engine.compressionFormat, level: config.engine.compressionLevel }),
    }),
    defaults: () => readDefaults(config, engine.rootless),
    helperDirs: () => config.engine.helperBinariesDir,
    userMode: () => userModeSettings(config, globals),
    conmon: () => conmon,
    runtime: () => runtimeFinder(engine),
    warn: () => diagnostics().warn,
    debug: () => diagnostics().debug,
    cleanupCommand: () => (args) => {
      const self = selfCommand([...cleanupGlobals(globals, engine.paths, engine.cgroupManager), ...args]);
      return [self.file, ...self.args];
    },
  });
  return engine;
}

/** `engine.env`: what this program and those that it starts find in their environment. */
function setEnvironment({ engine }: ContainersConf): void {
  for (const entry of engine.env) {
    const equals = entry.indexOf("=");
    if (equals > 0) process.env[entry.slice(0, equals)] = entry.slice(equals + 1);
  }
}

function openEngineStore({ globals, paths, sys, warn, debug }: Engine, config: StorageConf): Store {
  debug(() => `Using graph root ${paths.graphRoot}`);
  debug(() => `Using run root ${paths.runRoot}`);
  return openStore({
    graphRoot: paths.graphRoot,
    runRoot: paths.runRoot,
    config,
    ...(globals.storageDriver === undefined ? {} : { driver: globals.storageDriver }),
    ...(globals.storageOpt === undefined || globals.storageOpt.length === 0
      ? {}
      : // One empty option takes those of storage.conf away.
        { driverOptions: globals.storageOpt.filter((option) => option !== "") }),
    ...(globals.pullOption === undefined ? {} : { pullOptions: globals.pullOption.filter((option) => option !== "") }),
    ...(globals.imagestore === undefined || globals.imagestore === "" ? {} : { imageStore: globals.imagestore }),
    ...(globals.transientStore === true ? { transientStore: true } : {}),
    sys,
    warn,
  });
}

/** Looks each runtime up once: by name or path, or the configured or best one without. */
function runtimeFinder({ globals, config, cgroupManager, debug }: Engine): Engine["runtime"] {
  const found = new Map<string, OciRuntime>();
  return (name) => {
    const wanted = name ?? globals.runtime ?? config.engine.runtime;
    const known = found.get(wanted);
    if (known !== undefined) return known;
    const runtime = findNamed(name, {
      ...(wanted === "" ? {} : { name: wanted }),
      paths: config.engine.runtimes,
      flags: [...(config.engine.runtimesFlags[wanted] ?? []), ...(globals.runtimeFlag ?? [])],
      cgroupManager,
    });
    refuseRuntime(config, runtime.name);
    found.set(wanted, runtime);
    debug(() => `Using OCI runtime ${JSON.stringify(runtime.path)}`);
    return runtime;
  };
}

/** Tells apart a runtime that a container asks for from the one that everything is done with. */
function findNamed(name: string | undefined, request: NonNullable<Parameters<typeof findRuntime>[0]>): OciRuntime {
  const {
    findRuntime,
  }: typeof import("@containers/common/oci-runtime/find-runtime") = require("@containers/common/oci-runtime/find-runtime");
  try {
    return findRuntime(request);
  } catch (error) {
    if (name !== undefined || request.name === undefined) throw error;
    throw new ToolError("invalid-argument", `default OCI runtime ${JSON.stringify(request.name)} not found: invalid argument`, {
      hint: "install it, or name another with --runtime",
    });
  }
}

/** conmon_path when a file sets it: the built-in list does not count, or it would hide our own monitor. */
function configuredConmon(config: ContainersConf): readonly string[] {
  const configured = config.engine.conmonPath;
  const builtIn: readonly string[] = containersConfKeys.engine.conmon_path.default;
  return configured.join(":") === builtIn.join(":") ? [] : configured;
}

function userModeSettings(config: ContainersConf, globals: EngineGlobals): UserModeSettings {
  const slirpPath = globals.networkCmdPath || config.engine.networkCmdPath;
  const program = config.network.defaultRootlessNetworkCmd;
  return {
    ...(program === "slirp4netns" ? { program } : {}),
    ...(slirpPath === "" ? {} : { slirpPath }),
    helperDirs: config.engine.helperBinariesDir,
    pastaOptions: config.network.pastaOptions,
    slirpOptions: config.engine.networkCmdOptions,
  };
}

function openNetworks({ globals, config, rootless, paths, helperDirs, userMode, warn }: Engine): OpenNetwork {
  const { openNetwork }: typeof import("@containers/common/network/open-network") = require("@containers/common/network/open-network");
  return openNetwork({
    rootless,
    graphRoot: paths.graphRoot,
    runRoot: paths.runRoot,
    configDir: globals.networkConfigDir || config.network.networkConfigDir,
    defaultNetwork: config.network.defaultNetwork,
    defaultSubnet: config.network.defaultSubnet,
    subnetPools: config.network.defaultSubnetPools,
    helperDirs,
    firewallDriver: config.network.firewallDriver,
    dnsBindPort: config.network.dnsBindPort,
    pluginDirs: config.network.netavarkPluginDirs,
    userMode,
    warn,
  });
}
