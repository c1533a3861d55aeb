import type { ApiRequest } from "../route.ts";

/** Content type of a connection that is taken over; newer clients are told whether the streams are framed. */
export function streamType({ version, isLibpod }: Pick<ApiRequest, "version" | "isLibpod">, tty: boolean): string {
  const knows = version !== undefined && isAtLeast(version, isLibpod ? [4, 7] : [1, 42]);
  return !tty && knows ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream";
}

/** Whether a dotted version is not older. */
export function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
