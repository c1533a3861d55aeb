import type { ApiRequest } from "../route.ts";

/** Content type of a connection that is taken over; newer clients are told whether the streams are framed. */
export function streamType(request: Pick<ApiRequest, "version" | "isLibpod">, tty: boolean): string {
  return !tty && knowsFrames(request) ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream";
}

/** The header that names a log's type; the original tells it to newer clients alone. */
export function namedStreamType(request: Pick<ApiRequest, "version" | "isLibpod">, tty: boolean): Record<string, string> {
  return knowsFrames(request) ? { "Content-Type": streamType(request, tty) } : {};
}

function knowsFrames({ version, isLibpod }: Pick<ApiRequest, "version" | "isLibpod">): boolean {
  return version !== undefined && isAtLeast(version, isLibpod ? [4, 7] : [1, 42]);
}

/** Whether a dotted version is not older. */
export function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
