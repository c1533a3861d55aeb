import { writeSync } from "node:fs";
import { isSystemdHost } from "@containers/common/cgroups/cgroup-layout";
import { type ContainersConf, loadContainersConf } from "@containers/common/config/containers-conf";
import { containersConfKeys } from "@containers/common/config/containers-conf-keys";
import { type OpenNetwork, openNetwork } from "@containers/common/network/open-network";
import type { UserModeSettings } from "@containers/common/network/start-user-mode";
import { findRuntime } from "@containers/common/oci-runtime/find-runtime";
import type { OciRuntime } from "@containers/common/oci-runtime/runtime";
import { selfCommand } from "@containers/common/process/reexec";
import { isRootless } from "@containers/common/rootless/rootless";
import { linuxSys } from "@containers/common/sys/linux";
import { registriesConfFromEnvironment } from "@containers/image/registries-conf/paths";
import { loadStorageConf } from "@containers/storage/config/storage-conf";
import { openStore } from "@containers/storage/open-store";
import { fileEventLog, noEventLog } from "../events/file-event-log.ts";
import { fileLocks } from "../locks/file-locks.ts";
import { findConmon } from "../monitor/find-conmon.ts";
import { openSqliteState } from "../state/sqlite/open-sqlite-state.ts";
import { cleanupGlobals } from "./cleanup-globals.ts";
import type { Engine, EngineGlobals } from "./engine.ts";
import { enginePaths } from "./engine-paths.ts";
import { once } from "./once.ts";
import { readDefaults } from "./read-defaults.ts";

/**
 * Composes the engine out of the configuration and the global flags. Opens nothing: each port is made when it is first read. `config` may be
 * one that is loaded already.
 */
export function openEngine(
  globals: EngineGlobals = {},
  config: ContainersConf = loadContainersConf(globals.module === undefined ? {} : { modules: globals.module }),
): Engine {
  const rootless = isRootless();
  const sys = linuxSys();
  const storageConf = once(() => loadStorageConf());
  const paths = once(() => enginePaths(globals, config, { rootless, storage: storageConf() }));
  const cgroupManager = once(() => chooseCgroupManager(globals, config));
  const warn = (message: string): void => void writeSync(2, `WARN[0000] ${message}\n`);
  const runtimes = new Map<string, OciRuntime>();
  const helperDirs = config.engine.helperBinariesDir;
  const userMode: UserModeSettings = userModeSettings(config);
  const store = once(() =>
    openStore({
      graphRoot: paths().graphRoot,
      runRoot: paths().runRoot,
      config: storageConf(),
      ...(globals.storageDriver === undefined ? {} : { driver: globals.storageDriver }),
      ...(globals.storageOpt === undefined || globals.storageOpt.length === 0 ? {} : { driverOptions: globals.storageOpt }),
      sys,
      warn,
    }),
  );
  const networkHost = once((): OpenNetwork => openNetworks(globals, config, { paths: paths(), rootless, helperDirs, userMode, warn }));
  const state = once(() => openSqliteState(paths().stateFile));
  const locks = once(() => fileLocks(sys, paths().locksDir));
  const events = once(() =>
    (globals.eventsBackend ?? config.engine.eventsLogger) === "none" ? noEventLog() : fileEventLog(paths().eventsFile),
  );
  const defaults = once(() => readDefaults(config, rootless));
  const conmon = once(() =>
    findConmon({ ...(globals.conmon === undefined ? {} : { flag: globals.conmon }), configured: configuredConmon(config) }),
  );
  return {
    sys,
    config,
    globals,
    rootless,
    helperDirs,
    userMode,
    warn,
    conmon,
    get paths() {
      return paths();
    },
    get cgroupManager() {
      return cgroupManager();
    },
    get store() {
      return store();
    },
    get state() {
      return state();
    },
    get locks() {
      return locks();
    },
    get events() {
      return events();
    },
    get networkHost() {
      return networkHost();
    },
    get network() {
      return networkHost().backend;
    },
    get networks() {
      return networkHost().store;
    },
    get images() {
      return { store: store(), registry: registriesConfFromEnvironment() };
    },
    get defaults() {
      return defaults();
    },
    cleanupCommand(args) {
      const self = selfCommand([...cleanupGlobals(globals, paths(), cgroupManager()), ...args]);
      return [self.file, ...self.args];
    },
    runtime(name) {
      const wanted = name ?? globals.runtime ?? config.engine.runtime;
      const known = runtimes.get(wanted);
      if (known !== undefined) return known;
      const found = findRuntime({
        name: wanted === "" ? undefined : wanted,
        paths: config.engine.runtimes,
        flags: [...(config.engine.runtimesFlags[wanted] ?? []), ...(globals.runtimeFlag ?? [])],
        cgroupManager: cgroupManager(),
      });
      runtimes.set(wanted, found);
      return found;
    },
  };
}

/** systemd where it runs and hands out cgroups; else plain directories. */
function chooseCgroupManager(globals: EngineGlobals, config: ContainersConf): "systemd" | "cgroupfs" {
  const asked = globals.cgroupManager || config.engine.cgroupManager;
  if (asked === "systemd" || asked === "cgroupfs") return asked;
  return isSystemdHost() ? "systemd" : "cgroupfs";
}

/** conmon_path when a file sets it: the built-in list does not count, or it would hide our own monitor. */
function configuredConmon(config: ContainersConf): readonly string[] {
  const configured = config.engine.conmonPath;
  const builtIn: readonly string[] = containersConfKeys.engine.conmon_path.default;
  return configured.join(":") === builtIn.join(":") ? [] : configured;
}

function userModeSettings(config: ContainersConf): UserModeSettings {
  const program = config.network.defaultRootlessNetworkCmd;
  return {
    ...(program === "slirp4netns" ? { program } : {}),
    helperDirs: config.engine.helperBinariesDir,
    pastaOptions: config.network.pastaOptions,
    slirpOptions: config.engine.networkCmdOptions,
  };
}

interface NetworkSurroundings {
  readonly paths: Engine["paths"];
  readonly rootless: boolean;
  readonly helperDirs: readonly string[];
  readonly userMode: UserModeSettings;
  readonly warn: (message: string) => void;
}

function openNetworks(globals: EngineGlobals, config: ContainersConf, around: NetworkSurroundings): OpenNetwork {
  return openNetwork({
    rootless: around.rootless,
    graphRoot: around.paths.graphRoot,
    runRoot: around.paths.runRoot,
    configDir: globals.networkConfigDir || config.network.networkConfigDir,
    defaultNetwork: config.network.defaultNetwork,
    defaultSubnet: config.network.defaultSubnet,
    subnetPools: config.network.defaultSubnetPools,
    helperDirs: around.helperDirs,
    firewallDriver: config.network.firewallDriver,
    dnsBindPort: config.network.dnsBindPort,
    pluginDirs: config.network.netavarkPluginDirs,
    userMode: around.userMode,
    warn: around.warn,
  });
}
