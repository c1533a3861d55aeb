/** The OCI runtime (crun, runc) as a program. Stateless: it never judges transitions, it knows ids and bundles only. */
export interface OciRuntime {
  /** `crun`, `runc`: as found in containers.conf or named by the user. */
  readonly name: string;
  /** The executable's path. */
  readonly path: string;
  /** Arguments that go before every verb (`--log-format=json`, `--systemd-cgroup` when the manager is systemd). */
  readonly globalArguments: readonly string[];
  /** Starts the user process of a created container, whose first process is `pid`: when that is killed meanwhile, the runtime would wait for ever. */
  start(id: string, pid?: number): Promise<void>;
  /** Sends a signal by number to the init process, or to every process of the container. */
  kill(id: string, signal: number, all?: boolean): Promise<void>;
  delete(id: string, force?: boolean): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** The runtime's own view, undefined when it knows no such container. */
  state(id: string): Promise<OciRuntimeState | undefined>;
  /** Writes new resource limits (`linux.resources` of the runtime spec). */
  update(id: string, resources: object): Promise<void>;
  /** Writes what the container's processes are to files, by criu; they end unless told otherwise. */
  checkpoint(id: string, options: RuntimeCheckpoint): Promise<void>;
  /** Whether the program has the verbs `checkpoint` and `restore`. */
  supportsCheckpoint(): boolean;
}

/** How a container is checkpointed; the flags that crun and runc share. */
export interface RuntimeCheckpoint {
  /** Directory for the image files. */
  readonly imagePath: string;
  /** Directory for criu's log and statistics. */
  readonly workPath: string;
  readonly leaveRunning?: boolean;
  readonly tcpEstablished?: boolean;
  readonly fileLocks?: boolean;
  /** Memory alone, with the processes going on. */
  readonly preDump?: boolean;
  /** Directory of an earlier pre-dump, relative to {@link imagePath}. */
  readonly parentPath?: string;
}

export interface OciRuntimeState {
  readonly status: "creating" | "created" | "running" | "paused" | "stopped";
  readonly pid: number;
}
