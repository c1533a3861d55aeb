/** What containers.conf says of new containers, with the built-in values where it says nothing. */
export interface ContainerDefaults {
  /** Names with CAP_. */
  readonly capabilities: readonly string[];
  readonly ulimits: ReadonlyArray<{ readonly name: string; readonly soft: number; readonly hard: number }>;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly env: readonly string[];
  readonly mounts: readonly string[];
  readonly volumes: readonly string[];
  readonly devices: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly pidsLimit: number;
  readonly shmSize: number;
  /** Seconds. */
  readonly stopTimeout: number;
  readonly umask: string;
  readonly logDriver: string;
  /** Bytes, -1 for no limit. */
  readonly logSizeMax: number;
  readonly logTag: string;
  readonly logPath: string;
  readonly seccompProfile: string;
  readonly apparmorProfile: string;
  readonly cgroupns: string;
  readonly cgroups: string;
  readonly cgroupConf: Readonly<Record<string, string>>;
  /** A container is called by its name instead of its id. */
  readonly containerNameAsHostname: boolean;
  readonly ipcns: string;
  readonly pidns: string;
  readonly utsns: string;
  readonly netns: string;
  readonly userns: string;
  readonly init: boolean;
  /** Absent: as this process. */
  readonly oomScoreAdj?: number;
  readonly initPath: string;
  readonly dnsServers: readonly string[];
  readonly dnsSearches: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly baseHostsFile: string;
  readonly hostContainersInternalIp: string;
  readonly timezone: string;
  readonly httpProxy: boolean;
  readonly envHost: boolean;
  readonly privileged: boolean;
  readonly readOnly: boolean;
  readonly noHosts: boolean;
  readonly noHostname: boolean;
  readonly prepareVolumeOnCreate: boolean;
  readonly detachKeys: string;
  readonly exitCommandDelay: number;
  readonly noPivotRoot: boolean;
  readonly defaultNetwork: string;
  readonly rootlessNetwork: "pasta" | "slirp4netns";
  readonly conmonPaths: readonly string[];
  readonly conmonEnv: readonly string[];
  /** The runtime gives a container a keyring of its own. */
  readonly keyring: boolean;
  readonly imageVolumes: string;
}
