import type { ConfigFile, ContainersConf } from "@containers/common/config/containers-conf";
import type { NetworkBackend, NetworkStore } from "@containers/common/network/backend";
import type { OpenNetwork } from "@containers/common/network/open-network";
import type { UserModeSettings } from "@containers/common/network/start-user-mode";
import type { OciRuntime } from "@containers/common/oci-runtime/runtime";
import type { Sys } from "@containers/common/sys/sys";
import type { LocalImages } from "@containers/image/local-images/local-images";
import type { Store } from "@containers/storage/store";
import type { EventLog } from "../events/event-log.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import type { ConmonProgram } from "../monitor/find-conmon.ts";
import type { State } from "../state/state.ts";
import type { ContainerDefaults } from "./defaults.ts";

/**
 * What the engine works with: a record of ports. An operation takes `Pick<Engine, …>` of those it uses. Each port is opened when
 * it is first read, so that a command pays only for what it needs.
 */
export interface Engine {
  readonly sys: Sys;
  readonly config: ContainersConf;
  readonly globals: EngineGlobals;
  readonly paths: EnginePaths;
  readonly rootless: boolean;
  /** containers.conf's choice, after looking at the host. */
  readonly cgroupManager: "systemd" | "cgroupfs";
  readonly store: Store;
  readonly state: State;
  readonly locks: LockManager;
  readonly events: EventLog;
  readonly network: NetworkBackend;
  readonly networkHost: OpenNetwork;
  readonly networks: NetworkStore;
  readonly images: LocalImages;
  /** What containers.conf says of new containers. */
  readonly defaults: ContainerDefaults;
  /** Directories of netavark, pasta and the like. */
  readonly helperDirs: readonly string[];
  /** How an ordinary user's namespaces are connected. */
  readonly userMode: UserModeSettings;
  /** The monitor program. */
  conmon(): ConmonProgram;
  /** The command that cleans up after a container, with the globals of this one: argv. */
  cleanupCommand(args: readonly string[]): string[];
  /** The OCI runtime by name or path; without one the configured or best found. unavailable when there is none. */
  runtime(name?: string): OciRuntime;
  /** Says one line on standard error at the level `warning`. */
  warn(message: string): void;
  /** The same at the level `debug`; the text is made only when it is wanted. */
  debug(message: () => string): void;
}

/** The global flags, as far as the engine acts on them or hands them to the commands it starts. */
export interface EngineGlobals {
  /** containers.conf's files, where they were read already: all that count, modules too. */
  readonly configFiles?: readonly ConfigFile[];
  readonly root?: string;
  readonly runroot?: string;
  readonly tmpdir?: string;
  readonly storageDriver?: string;
  readonly storageOpt?: readonly string[];
  readonly cgroupManager?: string;
  readonly runtime?: string;
  readonly runtimeFlag?: readonly string[];
  readonly conmon?: string;
  readonly networkConfigDir?: string;
  readonly networkBackend?: string;
  readonly networkCmdPath?: string;
  readonly namespace?: string;
  readonly volumepath?: string;
  readonly eventsBackend?: string;
  readonly dbBackend?: string;
  readonly logLevel?: string;
  readonly hooksDir?: readonly string[];
  readonly cdiSpecDir?: readonly string[];
  /** Instead of the mounts.conf files of the host. */
  readonly defaultMountsFile?: string;
  readonly module?: readonly string[];
  readonly transientStore?: boolean;
  readonly imagestore?: string;
  readonly pullOption?: readonly string[];
  readonly syslog?: boolean;
}

export interface EnginePaths {
  readonly graphRoot: string;
  readonly runRoot: string;
  /** `/run/libpod`, or `$XDG_RUNTIME_DIR/libpod/tmp`. */
  readonly tmpDir: string;
  /** `tmpDir/exits`: conmon's exit files by container id. */
  readonly exitsDir: string;
  /** `tmpDir/persist`. */
  readonly persistDir: string;
  /** `graphRoot/volumes`. */
  readonly volumesDir: string;
  /** The SQLite file. */
  readonly stateFile: string;
  /** Lock files, in the run directory: they vanish with a reboot. */
  readonly locksDir: string;
  readonly eventsFile: string;
  readonly secretsDir: string;
  readonly networkConfigDir: string;
}
