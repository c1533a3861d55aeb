/** Shares of cgroup v1 are 2 to 262144, weights of v2 1 to 10000. */
export function cpuWeight(shares: number): number {
  return Math.round(1 + ((Math.min(Math.max(shares, 2), 262_144) - 2) * 9999) / 262_142);
}
