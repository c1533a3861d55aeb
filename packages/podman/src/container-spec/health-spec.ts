/** Times are nanoseconds, as image configs have them. */
interface HealthCheck {
  /** `["NONE"]` switches the image's check off; `["CMD", …]`, `["CMD-SHELL", text]`. */
  readonly test?: readonly string[];
  /** 0: nothing runs it by itself. */
  readonly interval?: number;
  readonly timeout?: number;
  /** Failures in a row that make the container unhealthy. */
  readonly retries?: number;
}

/** Runs instead of the regular check until it has passed. With `retries`, so many failures restart the container; 0: never. */
export interface StartupHealthCheck extends HealthCheck {
  /** Passes that end it; 0: one. */
  readonly successes?: number;
}

/** How the health of a container is looked after. */
export interface HealthSpec extends HealthCheck {
  readonly startPeriod?: number;
  readonly onFailure?: "none" | "kill" | "restart" | "stop";
  readonly startup?: StartupHealthCheck;
  /** `local`, `events_logger`, or a directory. */
  readonly logDestination?: string;
  /** Results that are kept; 0: all. */
  readonly maxLogCount?: number;
  /** Characters of output that are kept of each; 0: all. */
  readonly maxLogSize?: number;
}
