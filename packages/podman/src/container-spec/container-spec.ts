import type { DeviceSpec } from "@containers/common/mount-syntax/parse-device";
import type { HealthSpec } from "./health-spec.ts";
import type { NamespaceSpec } from "./namespace-spec.ts";
import type { NetworkSpec } from "./network-spec.ts";
import type { ResourceSpec } from "./resource-spec.ts";
import type { SecuritySpec } from "./security-spec.ts";
import type { VolumeSpec } from "./volume-spec.ts";

/**
 * Everything a user asks of a new container, as plain data. The command line, kube files, quadlets and the API all make
 * one of these; `create` turns it into a {@link ContainerConfig}. An absent value means "the default", which
 * is the image's, containers.conf's or the engine's, in that order.
 */
export interface ContainerSpec {
  /** The image as the user named it; absent when {@link rootfs} is given. */
  readonly image?: string;
  /** A directory used as root file system instead of an image. */
  readonly rootfs?: string;
  /** The directory shows through and is not written to: changes last as long as the run. */
  readonly rootfsOverlay?: boolean;
  /** `idmap` or `idmap=uids=…;gids=…`. */
  readonly rootfsMapping?: string;
  /** How the image may be fetched. */
  readonly pull?: PullChoice;
  readonly name?: string;
  /** Remove a container that has the name already. */
  readonly replace?: boolean;
  /** The words after the image. Absent: the image's CMD. */
  readonly command?: readonly string[];
  /** Replaces the image's ENTRYPOINT (and with it its CMD); an empty list clears it. */
  readonly entrypoint?: readonly string[];
  /** KEY=value, in order; later ones win over the image's and over earlier ones. */
  readonly env?: readonly string[];
  /** KEY=text with `${NAME}` for what the image's environment has. */
  readonly envMerge?: readonly string[];
  readonly unsetEnv?: readonly string[];
  readonly unsetEnvAll?: boolean;
  readonly workdir?: string;
  /** Make the working directory also where it was asked for here and is missing; the image's is made always. */
  readonly makeWorkdir?: boolean;
  /** `user[:group]`, by name or number. */
  readonly user?: string;
  /** Supplementary groups by name or number, or `keep-groups`. */
  readonly groupAdd?: readonly string[];
  readonly hostname?: string;
  /** Octal text; default 0022. */
  readonly umask?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly interactive?: boolean;
  readonly tty?: boolean;
  /** Streams that `-a` named; only shown by inspect. */
  readonly attach?: readonly ("stdin" | "stdout" | "stderr")[];
  /** Remove the container when it exits. */
  readonly remove?: boolean;
  /** With {@link remove}: the image too, unless something else uses it. */
  readonly removeImage?: boolean;
  readonly restart?: RestartPolicy;
  /** Name, number or SIG-name; default the image's, else SIGTERM. */
  readonly stopSignal?: string;
  /** Seconds until SIGKILL; default containers.conf's 10. */
  readonly stopTimeout?: number;
  /** Seconds until the monitor kills the container; 0 or absent: never. */
  readonly timeout?: number;
  /** Run an init process as pid 1. */
  readonly init?: boolean;
  readonly initPath?: string;
  /** A file that receives the id; already written by the caller or not, inspect shows it. */
  readonly cidfile?: string;
  readonly pidfile?: string;
  readonly conmonPidfile?: string;
  /** Name or id of the pod to join; `new:NAME` makes it. */
  readonly pod?: string;
  /** This container holds the namespaces of its pod. Without an image it runs this program of the host's in an empty root. */
  readonly infra?: { readonly program?: string };
  /** It runs to its end before the pod's other containers start: each time, or once, and is removed then. */
  readonly initContainer?: InitContainerType;
  /** It stands for all pods of a kube file: ends when they have ended, and goes with them. The exit code tells of failed containers. */
  readonly service?: ServiceExitCode;
  readonly network: NetworkSpec;
  readonly namespaces: NamespaceSpec;
  readonly security: SecuritySpec;
  readonly resources: ResourceSpec;
  readonly volumes?: readonly VolumeSpec[];
  /** Names of containers (with an optional `:ro` and the like) whose volumes are taken over. */
  readonly volumesFrom?: readonly string[];
  /** What to do with the image's VOLUMEs; default `anonymous`. */
  readonly imageVolumes?: "anonymous" | "tmpfs" | "ignore";
  readonly devices?: readonly DeviceSpec[];
  /** Devices of the Container Device Interface, `vendor.com/class=name`. */
  readonly cdiDevices?: readonly string[];
  readonly readOnly?: boolean;
  /** With {@link readOnly}: tmpfs on /run, /tmp and /var/tmp; default true. */
  readonly readOnlyTmpfs?: boolean;
  /** The same tmpfs mounts also where the root file system can be written. */
  readonly alwaysTmpfs?: boolean;
  /** Bytes of /dev/shm; default 65536000. */
  readonly shmSize?: number;
  /** Bytes of each tmpfs that a systemd inside gets; default the kernel's. */
  readonly shmSizeSystemd?: number;
  readonly log?: LogSpec;
  readonly secrets?: readonly SecretSpec[];
  readonly health?: HealthSpec;
  /** Names or ids of containers that must be started first. */
  readonly requires?: readonly string[];
  /** Limits of its layer, as KEY=VALUE: `size`, `inodes`. */
  readonly storageOptions?: readonly string[];
  /** `systemd` mode: `true`, `false`, `always`. */
  readonly systemd?: "true" | "false" | "always";
  /** Empty: nobody asked, as with the API's containers; nothing is notified then. */
  readonly sdnotify?: "container" | "conmon" | "ignore" | "healthy" | "";
  /** Whether an entry for the user is added to /etc/passwd; default true. */
  readonly passwd?: boolean;
  /** Host users that are added to /etc/passwd. */
  readonly hostUsers?: readonly string[];
  /** Line of /etc/passwd for the user, with $USERNAME, $UID, $GID, $NAME, $HOME. */
  readonly passwdEntry?: string;
  /** Line of /etc/group, with $GROUPNAME, $GID, $USERLIST. */
  readonly groupEntry?: string;
  /** Directories inside in which the files that are bound to /etc appear as well. */
  readonly chrootDirs?: readonly string[];
  /** Execution domain, such as LINUX32. */
  readonly personality?: string;
  /** Environment variables of the host are passed in. */
  readonly envHost?: boolean;
  /** Proxy variables of the host are passed in; default true. */
  readonly httpProxy?: boolean;
  readonly timezone?: string;
  /** The command line that made it, for inspect. */
  readonly createCommand?: readonly string[];
  /** Name or path of the OCI runtime, for this container only. */
  readonly runtime?: string;
}

export type InitContainerType = "always" | "once";

/** When a service container ends with a code other than 0: never, when any, or when all of its containers failed. */
export type ServiceExitCode = "none" | "any" | "all";

export interface PullChoice {
  /** Keys that open an encrypted image, as `--decryption-key` names them. */
  readonly decryptionKeys?: readonly string[];
  /** Absent: containers.conf's. */
  readonly policy?: "always" | "missing" | "never" | "newer";
  readonly quiet?: boolean;
  readonly retries?: number;
  /** Milliseconds. */
  readonly retryDelay?: number;
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string };
}

export interface RestartPolicy {
  readonly name: "no" | "always" | "on-failure" | "unless-stopped";
  /** Tries for `on-failure`; 0 or absent: without end. */
  readonly retries?: number;
}

export interface LogSpec {
  /** `k8s-file`, `json-file`, `journald`, `none`, `passthrough`, `passthrough-tty`. */
  readonly driver?: string;
  readonly path?: string;
  readonly tag?: string;
  /** Bytes; -1 for no limit. */
  readonly maxSize?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface SecretSpec {
  /** Name or id. */
  readonly source: string;
  /** Once it is looked up. */
  readonly id?: string;
  readonly type: "mount" | "env";
  readonly target?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
}
