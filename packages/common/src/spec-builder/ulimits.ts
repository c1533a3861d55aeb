import { RLIMIT_NOFILE, RLIMIT_NPROC } from "../sys/constants.ts";
import type { Sys } from "../sys/sys.ts";

export interface Ulimit {
  /** `nofile`, without RLIMIT_. */
  readonly name: string;
  /** Negative for no limit. */
  readonly soft: number;
  readonly hard: number;
}

/** What files and processes are limited to when nobody says: a high number rather than none, because some programs loop over it. */
const HIGH = 1048576;

/** Numbers of setrlimit(2) by name. */
export const RESOURCES: Readonly<Record<string, number>> = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: RLIMIT_NPROC,
  nofile: RLIMIT_NOFILE,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
};

/**
 * The limits of a container: the user's, then the configured ones, then high ones for files and processes. Where this process may not raise
 * hard limits (no CAP_SYS_RESOURCE: a restricted machine, or rootless), each is lowered to what it has; `onLowered` hears of the user's own.
 */
export function settleUlimits(
  sys: Pick<Sys, "getrlimit">,
  wanted: {
    readonly user: readonly Ulimit[];
    readonly configured: readonly Ulimit[];
    readonly mayRaise: boolean;
    readonly rootless: boolean;
  },
  onLowered: (limit: Ulimit, hard: number) => void,
): Ulimit[] {
  const chosen = new Map(wanted.user.map((limit) => [limit.name, limit]));
  chosen.delete("host");
  const byUser = new Set(chosen.keys());
  for (const limit of wanted.configured) if (!byUser.has(limit.name)) chosen.set(limit.name, limit);
  for (const name of ["nofile", "nproc"].filter((one) => !chosen.has(one))) {
    const own = wanted.mayRaise && !wanted.rootless ? { soft: HIGH, hard: HIGH } : ownLimit(sys, name);
    chosen.set(name, { name, soft: own.hard, hard: own.hard });
  }
  if (wanted.mayRaise) return [...chosen.values()];
  return [...chosen.values()].map((limit) => lower(sys, limit, wanted.user.includes(limit) ? onLowered : () => undefined));
}

function ownLimit(sys: Pick<Sys, "getrlimit">, name: string): { readonly soft: number; readonly hard: number } {
  const resource = RESOURCES[name];
  return resource === undefined ? { soft: -1, hard: -1 } : sys.getrlimit(resource);
}

function lower(sys: Pick<Sys, "getrlimit">, limit: Ulimit, onLowered: (limit: Ulimit, hard: number) => void): Ulimit {
  const { hard } = ownLimit(sys, limit.name);
  if (hard < 0 || hard === Number.POSITIVE_INFINITY) return limit;
  const exceeds = (value: number): boolean => value < 0 || value > hard;
  if (!exceeds(limit.hard) && !exceeds(limit.soft)) return limit;
  onLowered(limit, hard);
  return { name: limit.name, soft: exceeds(limit.soft) ? hard : limit.soft, hard: exceeds(limit.hard) ? hard : limit.hard };
}
