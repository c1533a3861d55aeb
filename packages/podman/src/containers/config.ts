import type { DeviceSpec } from "@containers/common/mount-syntax/parse-device";
import type { PortMapping } from "@containers/common/network/port-mapping";
import type { InitContainerType, LogSpec, RestartPolicy, SecretSpec, ServiceExitCode } from "../container-spec/container-spec.ts";
import type { HealthSpec } from "../container-spec/health-spec.ts";
import type { IdMapSpec, NamespaceMode } from "../container-spec/namespace-spec.ts";
import type { NetworkMode } from "../container-spec/network-spec.ts";
import type { ResourceSpec } from "../container-spec/resource-spec.ts";
import type { SecuritySpec } from "../container-spec/security-spec.ts";
import type { ArtifactMountSpec } from "../container-spec/volume-spec.ts";

/** A container's settled configuration: the spec after defaults, the image and look-ups were applied. Never changes, but for the name. */
export interface ContainerConfig {
  readonly id: string;
  readonly name: string;
  /** RFC 3339 with nanoseconds, UTC. */
  readonly createdAt: string;
  /** Empty for --rootfs. */
  readonly imageId: string;
  readonly imageName: string;
  /** Manifest digest. */
  readonly imageDigest: string;
  /** What the user typed. */
  readonly rawImageName: string;
  /** Directory of --rootfs; absent with an image. */
  readonly rootfs?: string;
  readonly rootfsOverlay?: boolean;
  /** `idmap` or `idmap=uids=…;gids=…`: the directory is seen with its owners shifted so. */
  readonly rootfsMapping?: string;
  readonly podId: string;
  readonly isInfra: boolean;
  /** The program that an infra container without an image runs: a file of the host's. */
  readonly infraProgram?: string;
  /** It runs to its end before the other containers of its pod are started. */
  readonly initContainer?: InitContainerType;
  /** It stands for all pods of a kube file. */
  readonly service?: ServiceExitCode;
  /** argv of the contained process: entrypoint and command. */
  readonly process: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly workdir: string;
  /** The image asks for it, so it is made where it is missing. */
  readonly workdirFromImage: boolean;
  /** As asked; resolved against the image at start. */
  readonly user: string;
  readonly groupAdd: readonly string[];
  readonly hostname: string;
  readonly umask: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly attach: readonly ("stdin" | "stdout" | "stderr")[];
  readonly autoRemove: boolean;
  /** Absent in records of older releases. */
  readonly autoRemoveImage?: boolean;
  readonly restart: RestartPolicy & { /** Nothing was asked for. */ readonly isDefault?: boolean };
  /** By number. */
  readonly stopSignal: number;
  readonly stopTimeout: number;
  readonly timeout: number;
  readonly initPath?: string;
  readonly cidfile: string;
  readonly pidfile: string;
  readonly conmonPidfile: string;
  readonly network: NetworkConfig;
  readonly namespaces: NamespaceConfig;
  readonly security: SecuritySpec;
  /** Names with CAP_, sorted: what the process may hold. */
  readonly capabilities: readonly string[];
  readonly resources: ResourceSpec;
  readonly mounts: readonly MountConfig[];
  readonly volumesFrom: readonly string[];
  readonly devices: readonly DeviceSpec[];
  /** Found when it starts. Absent in records of older releases. */
  readonly cdiDevices?: readonly string[];
  readonly readOnly: boolean;
  readonly readOnlyTmpfs: boolean;
  /** tmpfs on /run, /tmp and /var/tmp also without {@link readOnly}. */
  readonly alwaysTmpfs?: boolean;
  readonly shmSize: number;
  readonly shmSizeSystemd?: number;
  /** Limits of its layer, `size` and `inodes`. */
  readonly storageOptions?: Readonly<Record<string, string>>;
  readonly log: LogSpec & { readonly driver: string; readonly path: string };
  readonly secrets: readonly SecretSpec[];
  readonly health?: HealthSpec;
  /** Ids of containers whose namespaces this one uses or that must run first. */
  readonly dependencies: readonly string[];
  readonly cgroupManager: "systemd" | "cgroupfs";
  readonly cgroupParent: string;
  readonly systemd: boolean;
  readonly sdnotify: string;
  /** Where systemd listened when it was made (NOTIFY_SOCKET). */
  readonly notifySocket?: string;
  readonly passwd: boolean;
  readonly hostUsers: readonly string[];
  readonly passwdEntry?: string;
  readonly groupEntry?: string;
  readonly chrootDirs?: readonly string[];
  readonly personality?: string;
  readonly timezone: string;
  readonly createCommand: readonly string[];
  /** Name of the OCI runtime it was made with. */
  readonly runtime: string;
  readonly driver: string;
  /** `G/overlay-containers/ID/userdata`: the bundle. */
  readonly staticDir: string;
  /** `R/overlay-containers/ID/userdata`. */
  readonly runDir: string;
  readonly volatile: boolean;
  /** A user namespace that exists already: a file, or that of a container by id. */
  readonly joinedUserNamespace?:
    | { readonly kind: "path"; readonly path: string }
    | { readonly kind: "container"; readonly container: string };
  /** keep-id: a group that the process gets besides, and whether the caller's account is made known by its name. */
  readonly currentUser?: { readonly gid: number; readonly named: boolean };
  /** Ids of the user namespace, when it has its own. */
  readonly idMappings?: { readonly uidMap: readonly IdMapSpec[]; readonly gidMap: readonly IdMapSpec[] };
}

export interface NetworkConfig {
  readonly mode: NetworkMode;
  /** By network name, for mode bridge. */
  readonly networks: Readonly<
    Record<
      string,
      {
        readonly interfaceName: string;
        readonly aliases: readonly string[];
        readonly staticIps: readonly string[];
        readonly staticMac?: string;
        readonly options: Readonly<Record<string, string>>;
      }
    >
  >;
  readonly modeOptions: readonly string[];
  readonly ports: readonly PortMapping[];
  readonly publishAll: boolean;
  /** `80/tcp`. */
  readonly exposed: readonly string[];
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly addHosts: readonly string[];
  readonly noHosts: boolean;
  readonly noHostname: boolean;
  readonly hostsFile: string;
}

/** Container modes name ids here, no longer names. */
export interface NamespaceConfig {
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly uts: NamespaceMode;
  readonly cgroup: NamespaceMode;
  /** `host`, or the text of --userns for inspect. */
  readonly user: string;
}

export type MountConfig =
  | {
      readonly type: "bind";
      readonly source: string;
      readonly target: string;
      readonly options: readonly string[];
      /** What of the source is mounted: links in it never lead out of it. */
      readonly subpath?: string;
    }
  | {
      readonly type: "volume";
      readonly name: string;
      readonly target: string;
      readonly options: readonly string[];
      readonly anonymous: boolean;
      readonly subpath?: string;
    }
  | { readonly type: "tmpfs"; readonly target: string; readonly options: readonly string[] }
  | { readonly type: "ramfs"; readonly target: string; readonly options: readonly string[] }
  | { readonly type: "devpts"; readonly target: string; readonly options: readonly string[] }
  | ArtifactMountSpec
  | {
      readonly type: "image";
      readonly source: string;
      readonly imageId: string;
      readonly target: string;
      readonly readWrite: boolean;
      readonly subpath?: string;
    };

/** A container as the state holds it. */
export interface Container {
  readonly config: ContainerConfig;
  readonly state: import("./state.ts").ContainerState;
}
