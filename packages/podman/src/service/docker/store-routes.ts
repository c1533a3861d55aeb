import type { Handler, Route } from "../route.ts";

type HandlerOf<M> = { [K in keyof M]: M[K] extends Handler ? K : never }[keyof M];

function network(name: HandlerOf<typeof import("./networks.ts")>): () => Promise<Handler> {
  return async () => (await import("./networks.ts"))[name];
}

function volume(name: HandlerOf<typeof import("./volumes.ts")>): () => Promise<Handler> {
  return async () => (await import("./volumes.ts"))[name];
}

function secret(name: HandlerOf<typeof import("./secrets.ts")>): () => Promise<Handler> {
  return async () => (await import("./secrets.ts"))[name];
}

/** Networks, volumes and secrets, as Docker's clients ask for them. */
export const storeRoutes: readonly Route[] = [
  { method: "GET", path: "/networks", load: network("listNetworksRoute") },
  { method: "POST", path: "/networks/create", load: network("createNetworkRoute") },
  { method: "POST", path: "/networks/prune", load: network("pruneNetworksRoute") },
  { method: "GET", path: "/networks/{name}", load: network("inspectNetworkRoute") },
  { method: "DELETE", path: "/networks/{name}", load: network("removeNetworkRoute") },
  { method: "POST", path: "/networks/{name}/connect", load: network("connectNetworkRoute") },
  { method: "POST", path: "/networks/{name}/disconnect", load: network("disconnectNetworkRoute") },
  { method: "GET", path: "/volumes", load: volume("listVolumesRoute") },
  { method: "POST", path: "/volumes/create", load: volume("createVolumeRoute") },
  { method: "POST", path: "/volumes/prune", load: volume("pruneVolumesRoute") },
  { method: "GET", path: "/volumes/{name}", load: volume("inspectVolumeRoute") },
  { method: "DELETE", path: "/volumes/{name}", load: volume("removeVolumeRoute") },
  { method: "GET", path: "/secrets", load: secret("listSecretsRoute") },
  { method: "POST", path: "/secrets/create", load: secret("createSecretRoute") },
  { method: "GET", path: "/secrets/{name}", load: secret("inspectSecretRoute") },
  { method: "DELETE", path: "/secrets/{name}", load: secret("removeSecretRoute") },
  { method: "POST", path: "/secrets/{name}/update", load: secret("updateSecretRoute") },
];
