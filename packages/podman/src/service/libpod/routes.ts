import type { Handler, Route } from "../route.ts";

type Method = Exclude<Route["method"], "ANY">;
type Reach = Partial<Pick<Route, "major" | "reach">>;

/** A route below `/libpod`, which is reached only with a version before it. */
function route(method: Method, path: string, load: () => Promise<Handler>, reach: Reach = {}): Route {
  return { method, path: `/libpod${path}`, reach: "versioned", load, ...reach };
}

/** Handlers of one module, which is loaded when the first of them is asked for. */
function from<M>(load: () => Promise<M>): (choose: (module: M) => Handler) => () => Promise<Handler> {
  return (choose) => async () => choose(await load());
}

const containers = from(() => import("./containers.ts"));
const actions = from(() => import("../docker/container-actions.ts"));
const images = from(() => import("./images.ts"));
const transfer = from(() => import("./image-transfer.ts"));
const manifests = from(() => import("./manifests.ts"));
const pods = from(() => import("./pods.ts"));
const networks = from(() => import("./networks.ts"));
const volumes = from(() => import("./volumes.ts"));
const secrets = from(() => import("./secrets.ts"));
const system = from(() => import("./system.ts"));

const containerRoutes: readonly Route[] = [
  route(
    "POST",
    "/containers/create",
    containers((m) => m.create),
  ),
  route(
    "GET",
    "/containers/json",
    containers((m) => m.listAll),
  ),
  route(
    "POST",
    "/containers/prune",
    containers((m) => m.prune),
  ),
  route(
    "GET",
    "/containers/showmounted",
    containers((m) => m.showMounted),
  ),
  route(
    "DELETE",
    "/containers/{name}",
    actions((m) => m.removeContainerRoute),
  ),
  route(
    "GET",
    "/containers/{name}/json",
    containers((m) => m.inspect),
  ),
  route(
    "GET",
    "/containers/{name}/exists",
    containers((m) => m.exists),
  ),
  route(
    "POST",
    "/containers/{name}/start",
    actions((m) => m.startContainerRoute),
  ),
  route(
    "POST",
    "/containers/{name}/stop",
    actions((m) => m.stopContainerRoute),
  ),
  route(
    "POST",
    "/containers/{name}/kill",
    actions((m) => m.killContainerRoute),
  ),
  route(
    "POST",
    "/containers/{name}/restart",
    actions((m) => m.restartContainerRoute),
  ),
  route(
    "POST",
    "/containers/{name}/pause",
    actions((m) => m.pauseContainerRoute),
  ),
  route(
    "POST",
    "/containers/{name}/unpause",
    actions((m) => m.unpauseContainerRoute),
  ),
  route(
    "POST",
    "/containers/{name}/rename",
    actions((m) => m.renameContainerRoute),
  ),
  route(
    "POST",
    "/containers/{name}/wait",
    containers((m) => m.wait),
  ),
  route(
    "POST",
    "/containers/{name}/init",
    containers((m) => m.init),
  ),
  route(
    "POST",
    "/containers/{name}/mount",
    containers((m) => m.mount),
  ),
  route(
    "POST",
    "/containers/{name}/unmount",
    containers((m) => m.unmount),
  ),
  route("GET", "/containers/{name}/export", async () => (await import("../docker/container-export.ts")).exportContainerRoute),
  route("POST", "/commit", async () => (await import("./commit.ts")).commit),
];

const imageRoutes: readonly Route[] = [
  route(
    "GET",
    "/images/json",
    images((m) => m.listAll),
  ),
  route(
    "GET",
    "/images/export",
    transfer((m) => m.exportSeveral),
  ),
  route(
    "GET",
    "/images/search",
    transfer((m) => m.search),
  ),
  route(
    "POST",
    "/images/import",
    transfer((m) => m.importArchive),
  ),
  route(
    "POST",
    "/images/load",
    transfer((m) => m.load),
  ),
  route(
    "POST",
    "/local/images/load",
    transfer((m) => m.loadLocal),
  ),
  route(
    "POST",
    "/images/prune",
    images((m) => m.prune),
  ),
  route(
    "POST",
    "/images/pull",
    transfer((m) => m.pull),
  ),
  route(
    "DELETE",
    "/images/remove",
    images((m) => m.removeSeveral),
  ),
  route(
    "GET",
    "/images/{name:.*}/exists",
    images((m) => m.exists),
  ),
  route(
    "GET",
    "/images/{name:.*}/tree",
    images((m) => m.tree),
  ),
  route(
    "GET",
    "/images/{name:.*}/history",
    images((m) => m.history),
  ),
  route(
    "GET",
    "/images/{name:.*}/json",
    images((m) => m.inspect),
  ),
  route(
    "GET",
    "/images/{name:.*}/get",
    transfer((m) => m.exportOne),
  ),
  route(
    "GET",
    "/images/{name:.*}/resolve",
    images((m) => m.resolve),
  ),
  route(
    "GET",
    "/images/{name}/changes",
    images((m) => m.changes),
  ),
  route(
    "POST",
    "/images/{name:.*}/tag",
    images((m) => m.tag),
  ),
  route(
    "POST",
    "/images/{name:.*}/untag",
    images((m) => m.untag),
  ),
  route(
    "POST",
    "/images/{name:.*}/push",
    transfer((m) => m.push),
  ),
  route(
    "DELETE",
    "/images/{name:.*}",
    images((m) => m.remove),
  ),
];

const V3 = { major: { only: 3 } } as const;
const V4 = { major: { from: 4 } } as const;

const manifestRoutes: readonly Route[] = [
  route(
    "POST",
    "/manifests/create",
    manifests((m) => m.create),
    V3,
  ),
  route(
    "GET",
    "/manifests/{name:.*}/exists",
    manifests((m) => m.exists),
  ),
  route(
    "GET",
    "/manifests/{name:.*}/json",
    manifests((m) => m.inspect),
  ),
  route(
    "POST",
    "/manifests/{name:.*}/add",
    manifests((m) => m.add),
    V3,
  ),
  route(
    "POST",
    "/manifests/{name}/push",
    manifests((m) => m.push),
    V3,
  ),
  route(
    "POST",
    "/manifests/{name:.*}/registry/{destination:.*}",
    manifests((m) => m.push),
    V4,
  ),
  route(
    "DELETE",
    "/manifests/{name:.*}",
    manifests((m) => m.removeEntry),
    V3,
  ),
  route(
    "DELETE",
    "/manifests/{name:.*}",
    manifests((m) => m.remove),
    V4,
  ),
  route(
    "POST",
    "/manifests/{name:.*}",
    manifests((m) => m.create),
    V4,
  ),
  route(
    "PUT",
    "/manifests/{name:.*}",
    manifests((m) => m.modify),
    V4,
  ),
];

const podRoutes: readonly Route[] = [
  route(
    "POST",
    "/pods/create",
    pods((m) => m.create),
  ),
  route(
    "GET",
    "/pods/json",
    pods((m) => m.listAll),
  ),
  route(
    "GET",
    "/pods/stats",
    pods((m) => m.stats),
  ),
  route(
    "POST",
    "/pods/prune",
    pods((m) => m.prune),
  ),
  route(
    "DELETE",
    "/pods/{name}",
    pods((m) => m.remove),
  ),
  route(
    "GET",
    "/pods/{name}/json",
    pods((m) => m.inspect),
  ),
  route(
    "GET",
    "/pods/{name}/exists",
    pods((m) => m.exists),
  ),
  route(
    "GET",
    "/pods/{name}/top",
    pods((m) => m.top),
  ),
  route(
    "POST",
    "/pods/{name}/start",
    pods((m) => m.start),
  ),
  route(
    "POST",
    "/pods/{name}/stop",
    pods((m) => m.stop),
  ),
  route(
    "POST",
    "/pods/{name}/restart",
    pods((m) => m.restart),
  ),
  route(
    "POST",
    "/pods/{name}/kill",
    pods((m) => m.kill),
  ),
  route(
    "POST",
    "/pods/{name}/pause",
    pods((m) => m.pause),
  ),
  route(
    "POST",
    "/pods/{name}/unpause",
    pods((m) => m.unpause),
  ),
];

const networkRoutes: readonly Route[] = [
  route(
    "POST",
    "/networks/create",
    networks((m) => m.create),
  ),
  route(
    "GET",
    "/networks/json",
    networks((m) => m.listAll),
  ),
  route(
    "POST",
    "/networks/prune",
    networks((m) => m.prune),
  ),
  route(
    "GET",
    "/networks/{name}/json",
    networks((m) => m.inspect),
  ),
  route(
    "GET",
    "/networks/{name}/exists",
    networks((m) => m.exists),
  ),
  route(
    "POST",
    "/networks/{name}/connect",
    networks((m) => m.connect),
  ),
  route(
    "POST",
    "/networks/{name}/disconnect",
    networks((m) => m.disconnect),
  ),
  route(
    "POST",
    "/networks/{name}/update",
    networks((m) => m.update),
  ),
  route(
    "GET",
    "/networks/{name}",
    networks((m) => m.inspect),
  ),
  route(
    "DELETE",
    "/networks/{name}",
    networks((m) => m.remove),
  ),
];

const storeRoutes: readonly Route[] = [
  route(
    "POST",
    "/volumes/create",
    volumes((m) => m.create),
  ),
  route(
    "GET",
    "/volumes/json",
    volumes((m) => m.listAll),
  ),
  route(
    "POST",
    "/volumes/prune",
    volumes((m) => m.prune),
  ),
  route(
    "GET",
    "/volumes/{name}/json",
    volumes((m) => m.inspect),
  ),
  route(
    "GET",
    "/volumes/{name}/exists",
    volumes((m) => m.exists),
  ),
  route(
    "DELETE",
    "/volumes/{name}",
    volumes((m) => m.remove),
  ),
  route(
    "POST",
    "/secrets/create",
    secrets((m) => m.create),
  ),
  route(
    "GET",
    "/secrets/json",
    secrets((m) => m.listAll),
  ),
  route(
    "GET",
    "/secrets/{name}/json",
    secrets((m) => m.inspect),
  ),
  route(
    "GET",
    "/secrets/{name}/exists",
    secrets((m) => m.exists),
  ),
  route(
    "DELETE",
    "/secrets/{name}",
    secrets((m) => m.remove),
  ),
];

const systemRoutes: readonly Route[] = [
  route(
    "GET",
    "/info",
    system((m) => m.info),
  ),
  route("GET", "/version", async () => (await import("../docker/version.ts")).version),
  route("GET", "/events", async () => (await import("../docker/events.ts")).events),
  route(
    "GET",
    "/system/df",
    system((m) => m.diskUsage),
  ),
  route(
    "POST",
    "/system/prune",
    system((m) => m.prune),
  ),
];

/** Everything below `/libpod` but `_ping`, which both trees have in common. Special paths stand before general ones. */
export const libpodRoutes: readonly Route[] = [
  ...containerRoutes,
  ...imageRoutes,
  ...manifestRoutes,
  ...podRoutes,
  ...networkRoutes,
  ...storeRoutes,
  ...systemRoutes,
];
