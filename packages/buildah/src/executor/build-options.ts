import type { DeviceSpec } from "@containers/common/mount-syntax/parse-device";
import type { Sys } from "@containers/common/sys/sys";
import type { LocalImages } from "@containers/image/local-images/local-images";
import type { PullPolicy } from "@containers/image/local-images/pull-policy";
import type { PlatformChoice } from "@containers/image/transports/transport";
import type { NetworkPorts } from "../run/network.ts";
import type { Secret } from "../run/secrets.ts";
import type { SshSource } from "../run/ssh-agent.ts";
import type { SbomScan } from "../sbom/options.ts";
import type { ImageFormat, Isolation } from "../working-container/record.ts";
import type { BuildOutput } from "./build-output.ts";

/** What a build works with. */
export interface BuildPorts {
  readonly images: LocalImages;
  readonly sys: Sys;
  readonly network: NetworkPorts;
  /** containers.conf `[engine.runtimes]`, and the runtime that it prefers. */
  readonly runtimePaths: Readonly<Record<string, readonly string[]>>;
  /** Flags of the runtime, for every RUN. */
  readonly runtimeFlags?: readonly string[];
  /** Read in the place of mounts.conf. */
  readonly defaultMountsFile?: string;
  readonly defaultRuntime?: string;
  /** containers.conf `default_ulimits`. */
  readonly defaultUlimits: readonly string[];
  /** Progress lines and the output of RUN. */
  stdout(text: string | Uint8Array): void;
  stderr(text: string | Uint8Array): void;
  /**
   * Descriptors for RUN: input, output, errors. Default: /dev/null, 1 and 2. A log file or a service connection gives its own.
   */
  readonly stdio?: readonly [stdin: number, stdout: number, stderr: number];
  readonly signal?: AbortSignal;
}

export interface ContainerfileText {
  /** As the user named it, for errors. */
  readonly path: string;
  readonly text: string;
}

/** How commands of RUN are run; the same for every stage. */
export interface RunSettings {
  readonly isolation: Isolation;
  /** `host`, `none`, `private`, `ns:PATH`, or a network's name; undefined for the default. */
  readonly network?: string;
  /** `-v` of the command line. */
  readonly volumes: readonly string[];
  readonly addHosts: readonly string[];
  readonly noHosts: boolean;
  readonly noHostname: boolean;
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly ulimits: readonly string[];
  /** Bytes. */
  readonly shmSize?: number;
  readonly memory?: number;
  readonly memorySwap?: number;
  readonly cpuShares?: number;
  readonly cpuQuota?: number;
  readonly cpuPeriod?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly securityOpts: readonly string[];
  /** Proxy variables of this process go into RUN. */
  readonly httpProxy: boolean;
  /** Secrets and agents that RUN may mount, by id. */
  readonly secrets?: ReadonlyMap<string, Secret>;
  readonly sshSources?: ReadonlyMap<string, SshSource>;
  readonly devices?: readonly DeviceSpec[];
  /** Groups beside the user's own: names or numbers of the container, `keep-groups`. */
  readonly groupAdd?: readonly string[];
  /** Directories of OCI hooks. */
  readonly hooksDirs?: readonly string[];
  readonly cgroupParent?: string;
  /** `host`, or the path of one to join; absent: one of its own (but for cgroups, where it is the host's). */
  readonly namespaces?: Readonly<Partial<Record<"pid" | "ipc" | "uts" | "cgroup", string>>>;
  readonly runtime?: string;
  readonly runtimeFlags: readonly string[];
  /** The runtime is not to pivot into the root. */
  readonly noPivot?: boolean;
}

export interface BuildOptions {
  readonly contextDirectory: string;
  readonly containerfiles: readonly ContainerfileText[];
  /** Ignore file in place of the context's own. */
  readonly ignoreFile?: string;
  /** Names for the image, the first is the one that progress lines show. */
  readonly tags: readonly string[];
  readonly target?: string;
  readonly from?: string;
  readonly buildArguments: ReadonlyMap<string, string>;
  /** Cache steps as images of their own, and use those of earlier builds. */
  readonly layers: boolean;
  readonly noCache: boolean;
  /** What a command changes in the image's volumes is dropped. */
  readonly compatVolumes?: boolean;
  /** Repositories that steps are looked for in, and pushed to. */
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: readonly string[];
  /** Milliseconds; older images are no cache. */
  readonly cacheTtl?: number;
  readonly squash: boolean;
  readonly pull: PullPolicy;
  readonly platform?: PlatformChoice;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
  readonly format: ImageFormat;
  readonly labels: readonly string[];
  readonly layerLabels: readonly string[];
  readonly unsetLabels: readonly string[];
  readonly annotations: readonly string[];
  readonly unsetAnnotations: readonly string[];
  /** `NAME=value` set at the start of every stage. */
  readonly env: readonly string[];
  readonly unsetEnv: readonly string[];
  readonly inheritLabels: boolean;
  readonly inheritAnnotations: boolean;
  readonly identityLabel: boolean;
  readonly createdAnnotation: boolean;
  readonly omitHistory: boolean;
  readonly timestamp?: number;
  readonly sourceDateEpoch?: number;
  readonly rewriteTimestamp: boolean;
  readonly skipUnusedStages: boolean;
  /** Containers of steps that went well are removed (`--rm`), and of those that failed (`--force-rm`). */
  readonly removeContainers: boolean;
  readonly forceRemoveContainers: boolean;
  readonly quiet: boolean;
  /** Told after each step what it used. */
  logUsage?(line: string): void;
  /** Stands before every progress line: the platform, when there are several. */
  readonly progressPrefix?: string;
  /** The files of the image, besides the store. */
  readonly outputs?: readonly BuildOutput[];
  readonly iidFile?: string;
  /** A gpg key that the image is signed with. */
  readonly signBy?: string;
  /** Scanners that look at the image's files. */
  readonly sbom?: SbomScan;
  /** `name=directory` and `name=docker-image://…`, by name. */
  readonly buildContexts: ReadonlyMap<string, string>;
  readonly retries?: number;
  /** Milliseconds. */
  readonly retryDelay?: number;
  readonly run: RunSettings;
}

export interface BuildReport {
  readonly imageId: string;
  readonly manifestDigest: string;
  /** All names of the image in the store. */
  readonly names: readonly string[];
}
