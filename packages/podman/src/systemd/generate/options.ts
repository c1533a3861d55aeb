/** What units are generated for, and how. */
export interface GenerateOptions {
  /** Names instead of ids. */
  readonly name: boolean;
  /** The unit makes its container or pod anew whenever it is started. */
  readonly new: boolean;
  /** The unit is a template; a new container per instance. */
  readonly template: boolean;
  /** The lines that say who made the unit, and when. */
  readonly header: boolean;
  readonly containerPrefix: string;
  readonly podPrefix: string;
  readonly separator: string;
  /** NAME=VALUE. */
  readonly env: readonly string[];
  readonly dependencies: Readonly<Record<"Wants" | "After" | "Requires", readonly string[]>>;
  /** Absent: the container's own, or `on-failure`. */
  readonly restartPolicy?: string;
  readonly restartSec?: number;
  readonly startTimeout?: number;
  /** Absent: the container's own. */
  readonly stopTimeout?: number;
  /** Path of podman. */
  readonly executable: string;
  readonly now: Date;
}

/** `PREFIX-NAME`; without a prefix no separator either. */
export function serviceName(prefix: string, separator: string, name: string): string {
  return prefix === "" ? name : `${prefix}${separator}${name}`;
}
