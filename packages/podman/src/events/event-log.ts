/** Something that happened to a container, image, volume, network or secret. */
export interface Event {
  readonly type: "container" | "image" | "pod" | "volume" | "network" | "secret" | "system" | "machine";
  readonly status: string;
  readonly id?: string;
  readonly name?: string;
  readonly image?: string;
  /** RFC 3339 with nanoseconds, UTC. */
  readonly time: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly containerExitCode?: number;
  readonly network?: string;
  readonly podId?: string;
  readonly healthStatus?: string;
  readonly healthFailingStreak?: number;
  readonly healthLog?: string;
  readonly error?: string;
  /** What inspect says of a new container, as JSON, where containers.conf asks for it. */
  readonly inspectData?: string;
}

/** Where events go and come from. Writing never fails a command: a log that cannot be written is skipped. */
export interface EventLog {
  /** `file`, `none`, `journald`. */
  readonly backend: string;
  write(event: Omit<Event, "time"> & { readonly time?: string }): void;
  /**
   * Events from `since` to `until` (milliseconds since the epoch), oldest first; with `follow` it goes on as new ones
   * come, until the consumer stops or `until` has passed.
   */
  read(options: {
    readonly since?: number;
    readonly until?: number;
    readonly follow?: boolean;
    readonly signal?: AbortSignal;
  }): AsyncIterable<Event>;
}
