import { HttpError } from "../errors-to-http.ts";
import { json } from "../reply.ts";
import type { Handler, Route } from "../route.ts";

const noSwarm: Handler = (request) => {
  const [path = ""] = request.url.split("?", 1);
  throw new HttpError(503, `Podman does not support service: ${path}`);
};

const notSupported: Handler = (request) => {
  const [path = ""] = request.url.split("?", 1);
  return json(404, { cause: "", message: `Path ${path} is not supported`, response: 0 });
};

const swarm = (path: string): Route => ({ method: "ANY", path, prefix: true, plain: true, load: async () => noSwarm });
const missing = (path: string): Route => ({ method: "ANY", path, load: async () => notSupported });

/** What the original does not offer either: swarm, plugins, the monitor. */
export const unsupportedRoutes: readonly Route[] = [
  ...["/configs/", "/nodes/", "/secrets/", "/services/", "/swarm/", "/tasks/"].map(swarm),
  ...["/monitor", "/plugins"].map(missing),
  { method: "ANY", path: "/distribution/{name:.*}/json", plain: true, load: async () => notSupported },
];
