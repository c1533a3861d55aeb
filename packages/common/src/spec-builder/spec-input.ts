import type {
  DeviceRule,
  LinuxResources,
  NamespaceType,
  SeccompSpec,
  SpecDevice,
  SpecHook,
  SpecIdMapping,
  SpecMount,
} from "./runtime-spec.ts";

/**
 * Everything that decides a runtime spec, looked up already: {@link import("./build-runtime-spec.ts").buildRuntimeSpec} is pure.
 * An absent value leaves the field out or takes the field's own default.
 */
export interface SpecInput {
  /** Absolute path of the mounted root file system. */
  readonly rootfs: string;
  /** /dev and /dev/shm are read-only too. */
  readonly readOnlyDev?: boolean;
  readonly readOnlyRootfs?: boolean;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly terminal?: boolean;
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] };
  /** As a number; default 0o22. */
  readonly umask?: number;
  readonly hostname?: string;
  /** Names with CAP_ that the process may hold; see security/capabilities.ts. */
  readonly capabilities: readonly string[];
  /** Those of {@link capabilities} that the user asked for by name: another user than root holds them as ambient ones. */
  readonly namedCapabilities?: readonly string[];
  readonly privileged?: boolean;
  readonly noNewPrivileges?: boolean;
  readonly apparmorProfile?: string;
  readonly selinuxLabel?: string;
  readonly mountLabel?: string;
  /** Names without RLIMIT_; clamped already to what this process may set. */
  readonly ulimits?: ReadonlyArray<{ readonly name: string; readonly soft: number; readonly hard: number }>;
  readonly oomScoreAdj?: number;
  /** Absent type: the host's namespace. A path joins one. */
  readonly namespaces: ReadonlyArray<{ readonly type: NamespaceType; readonly path?: string }>;
  readonly uidMappings?: readonly SpecIdMapping[];
  readonly gidMappings?: readonly SpecIdMapping[];
  /** Added to the default mounts; one with the same destination replaces the default. Sorted by depth. */
  readonly mounts?: readonly SpecMount[];
  /** Leaves /dev/shm out. */
  readonly withoutShm?: boolean;
  /** Source of /dev/shm; absent: a private tmpfs of {@link shmSize}. */
  readonly shmPath?: string;
  readonly shmSize?: number;
  /** tmpfs over the writable places of systemd. */
  readonly systemd?: boolean;
  readonly rootless?: boolean;
  readonly cgroupV2?: boolean;
  /** False where group 5 (tty) is not mapped into the user namespace: devpts is then mounted without a group. */
  readonly ttyGroupMapped?: boolean;
  readonly devices?: readonly SpecDevice[];
  readonly deviceRules?: readonly DeviceRule[];
  readonly resources?: Omit<LinuxResources, "devices">;
  readonly cgroupsPath?: string;
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Absent: unconfined. */
  readonly seccomp?: SeccompSpec;
  readonly mask?: readonly string[];
  /** `ALL`, or paths and globs. */
  readonly unmask?: readonly string[];
  readonly rootfsPropagation?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly rdtClass?: string;
  readonly personality?: string;
  /** Added to the options of /proc's mount. */
  readonly procOptions?: readonly string[];
  readonly hooks?: Readonly<Record<string, readonly SpecHook[]>>;
}
