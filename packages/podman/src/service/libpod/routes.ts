import type { Handler, Route } from "../route.ts";

type Method = Exclude<Route["method"], "ANY">;
type Reach = Partial<Pick<Route, "major" | "reach">>;

/** A route below `/libpod`, which is reached only with a version before it. */
function route(method: Method, path: string, load: () => Promise<Handler>, reach: Reach = {}): Route {
  return { method, path: `/libpod${path}`, reach: "versioned", load, ...reach };
}

/** Handlers of one module by name; it is loaded when the first of them is asked for. */
function from<M>(load: () => Promise<M>): (name: HandlersOf<M>) => () => Promise<Handler> {
  // The name is one of a handler's: its type says so, which a look-up by it does not.
  return (name) => async () => (await load())[name] as Handler;
}

type HandlersOf<M> = { [Key in keyof M]: M[Key] extends Handler ? Key : never }[keyof M];

const containers = from(() => import("./containers.ts"));
const actions = from(() => import("../docker/containers/actions.ts"));
const exec = from(() => import("../docker/containers/exec.ts"));
const archive = from(() => import("../docker/containers/archive.ts"));
const care = from(() => import("./container-care.ts"));
const checkpoints = from(() => import("./checkpoints.ts"));
const kube = from(() => import("./kube.ts"));
const images = from(() => import("./images.ts"));
const transfer = from(() => import("./image-transfer.ts"));
const archives = from(() => import("./image-archives.ts"));
const manifests = from(() => import("./manifests.ts"));
const changes = from(() => import("./manifest-changes.ts"));
const pods = from(() => import("./pods.ts"));
const networks = from(() => import("./networks.ts"));
const volumes = from(() => import("./volumes.ts"));
const secrets = from(() => import("./secrets.ts"));
const artifacts = from(() => import("./artifacts.ts"));
const quadlets = from(() => import("./quadlets.ts"));
const system = from(() => import("./system.ts"));

const containerRoutes: readonly Route[] = [
  route("POST", "/containers/create", containers("create")),
  route("GET", "/containers/json", containers("listAll")),
  route("POST", "/containers/prune", containers("prune")),
  route("GET", "/containers/showmounted", containers("showMounted")),
  route("GET", "/containers/stats", async () => (await import("./container-stats.ts")).stats),
  route("GET", "/containers/{name:.*}/healthcheck", care("healthCheck")),
  route("DELETE", "/containers/{name}", actions("removeContainerRoute")),
  route("GET", "/containers/{name}/json", containers("inspect")),
  route("GET", "/containers/{name}/exists", containers("exists")),
  route("POST", "/containers/{name}/start", actions("startContainerRoute")),
  route("POST", "/containers/{name}/stop", actions("stopContainerRoute")),
  route("POST", "/containers/{name}/kill", actions("killContainerRoute")),
  route("POST", "/containers/{name}/restart", actions("restartContainerRoute")),
  route("POST", "/containers/{name}/pause", actions("pauseContainerRoute")),
  route("POST", "/containers/{name}/unpause", actions("unpauseContainerRoute")),
  route("POST", "/containers/{name}/rename", actions("renameContainerRoute")),
  route("POST", "/containers/{name}/wait", containers("wait")),
  route("POST", "/containers/{name}/init", containers("init")),
  route("POST", "/containers/{name}/mount", containers("mount")),
  route("POST", "/containers/{name}/unmount", containers("unmount")),
  route("GET", "/containers/{name}/export", async () => (await import("../docker/containers/export.ts")).exportContainerRoute),
  route("POST", "/build", async () => (await import("../docker/build/build.ts")).buildRoute),
  route("POST", "/local/build", async () => (await import("../docker/build/build.ts")).localBuildRoute),
  route("HEAD", "/containers/{name}/archive", archive("readArchiveRoute")),
  route("GET", "/containers/{name}/archive", archive("readArchiveRoute")),
  route("PUT", "/containers/{name}/archive", archive("writeArchiveRoute")),
  route("POST", "/containers/{name}/attach", async () => (await import("../docker/containers/attach.ts")).attachContainerRoute),
  route("GET", "/containers/{name}/changes", async () => (await import("../docker/containers/changes.ts")).containerChangesRoute),
  route("GET", "/containers/{name}/logs", async () => (await import("../docker/containers/logs.ts")).containerLogsRoute),
  route("GET", "/containers/{name}/stats", async () => (await import("../docker/containers/stats.ts")).containerStatsRoute),
  route("GET", "/containers/{name}/top", async () => (await import("../docker/containers/top.ts")).topContainerRoute),
  route("POST", "/containers/{name}/resize", actions("resizeContainerRoute")),
  route("POST", "/containers/{name}/update", care("update")),
  route("POST", "/containers/{name}/checkpoint", checkpoints("checkpoint")),
  route("POST", "/containers/{name}/restore", checkpoints("restore")),
  route("POST", "/containers/{name}/exec", exec("createExecRoute")),
  route("POST", "/exec/{id}/start", exec("startExecRoute")),
  route("POST", "/exec/{id}/resize", exec("resizeExecRoute")),
  route("GET", "/exec/{id}/json", exec("inspectExecRoute")),
  route("POST", "/exec/{id}/remove", care("removeExec")),
  route("GET", "/generate/{name:.*}/systemd", async () => (await import("./generate-systemd.ts")).generateSystemd),
  route("POST", "/commit", async () => (await import("./commit.ts")).commit),
];

const imageRoutes: readonly Route[] = [
  route("GET", "/images/json", images("listAll")),
  route("GET", "/images/export", archives("exportSeveral")),
  route("GET", "/images/search", transfer("search")),
  route("POST", "/images/import", archives("importArchive")),
  route("POST", "/images/load", archives("load")),
  route("POST", "/local/images/load", archives("loadLocal")),
  route("POST", "/images/prune", images("prune")),
  route("POST", "/images/scp/{name:.*}", async () => (await import("./image-scp.ts")).copyImage),
  route("POST", "/images/pull", transfer("pull")),
  route("DELETE", "/images/remove", images("removeSeveral")),
  route("GET", "/images/{name:.*}/exists", images("exists")),
  route("GET", "/images/{name:.*}/tree", images("tree")),
  route("GET", "/images/{name:.*}/history", images("history")),
  route("GET", "/images/{name:.*}/json", images("inspect")),
  route("GET", "/images/{name:.*}/get", archives("exportOne")),
  route("GET", "/images/{name:.*}/resolve", images("resolve")),
  route("GET", "/images/{name}/changes", images("changes")),
  route("POST", "/images/{name:.*}/tag", images("tag")),
  route("POST", "/images/{name:.*}/untag", images("untag")),
  route("POST", "/images/{name:.*}/push", transfer("push")),
  route("DELETE", "/images/{name:.*}", images("remove")),
];

const V3 = { major: { only: 3 } } as const;
const V4 = { major: { from: 4 } } as const;

const manifestRoutes: readonly Route[] = [
  route("POST", "/manifests/create", manifests("create"), V3),
  route("GET", "/manifests/{name:.*}/exists", manifests("exists")),
  route("GET", "/manifests/{name:.*}/json", manifests("inspect")),
  route("POST", "/manifests/{name:.*}/add", changes("add"), V3),
  route("POST", "/manifests/{name}/push", manifests("push"), V3),
  route("POST", "/manifests/{name:.*}/registry/{destination:.*}", manifests("push"), V4),
  route("DELETE", "/manifests/{name:.*}", manifests("removeEntry"), V3),
  route("DELETE", "/manifests/{name:.*}", manifests("remove"), V4),
  route("POST", "/manifests/{name:.*}", manifests("create"), V4),
  route("PUT", "/manifests/{name:.*}", changes("modify"), V4),
];

const podRoutes: readonly Route[] = [
  route("POST", "/pods/create", pods("create")),
  route("GET", "/pods/json", pods("listAll")),
  route("GET", "/pods/stats", pods("stats")),
  route("POST", "/pods/prune", pods("prune")),
  route("DELETE", "/pods/{name}", pods("remove")),
  route("GET", "/pods/{name}/json", pods("inspect")),
  route("GET", "/pods/{name}/exists", pods("exists")),
  route("GET", "/pods/{name}/top", pods("top")),
  route("POST", "/pods/{name}/start", pods("start")),
  route("POST", "/pods/{name}/stop", pods("stop")),
  route("POST", "/pods/{name}/restart", pods("restart")),
  route("POST", "/pods/{name}/kill", pods("kill")),
  route("POST", "/pods/{name}/pause", pods("pause")),
  route("POST", "/pods/{name}/unpause", pods("unpause")),
];

const networkRoutes: readonly Route[] = [
  route("POST", "/networks/create", networks("create")),
  route("GET", "/networks/json", networks("listAll")),
  route("POST", "/networks/prune", networks("prune")),
  route("GET", "/networks/{name}/json", networks("inspect")),
  route("GET", "/networks/{name}/exists", networks("exists")),
  route("POST", "/networks/{name}/connect", networks("connect")),
  route("POST", "/networks/{name}/disconnect", networks("disconnect")),
  route("POST", "/networks/{name}/update", networks("update")),
  route("GET", "/networks/{name}", networks("inspect")),
  route("DELETE", "/networks/{name}", networks("remove")),
];

const storeRoutes: readonly Route[] = [
  route("POST", "/volumes/create", volumes("create")),
  route("GET", "/volumes/json", volumes("listAll")),
  route("POST", "/volumes/prune", volumes("prune")),
  route("GET", "/volumes/{name}/json", volumes("inspect")),
  route("GET", "/volumes/{name}/exists", volumes("exists")),
  route("GET", "/volumes/{name}/export", volumes("exportFiles")),
  route("POST", "/volumes/{name}/import", volumes("importFiles")),
  route("DELETE", "/volumes/{name}", volumes("remove")),
  route("POST", "/secrets/create", secrets("create")),
  route("GET", "/secrets/json", secrets("listAll")),
  route("GET", "/secrets/{name}/json", secrets("inspect")),
  route("GET", "/secrets/{name}/exists", secrets("exists")),
  route("DELETE", "/secrets/{name}", secrets("remove")),
];

const kubeRoutes: readonly Route[] = [
  route("POST", "/kube/play", kube("play")),
  route("DELETE", "/kube/play", kube("down")),
  route("POST", "/play/kube", kube("play")),
  route("DELETE", "/play/kube", kube("down")),
  route("POST", "/kube/apply", kube("apply")),
  route("GET", "/kube/generate", kube("generate")),
  route("GET", "/generate/kube", kube("generate")),
];

const artifactRoutes: readonly Route[] = [
  route("GET", "/artifacts/json", artifacts("listAll")),
  route("POST", "/artifacts/pull", artifacts("pull")),
  route("POST", "/artifacts/add", artifacts("add")),
  route("POST", "/artifacts/local/add", artifacts("addLocal")),
  route("DELETE", "/artifacts/remove", artifacts("removeSeveral")),
  route("GET", "/artifacts/{name:.*}/json", artifacts("inspect")),
  route("GET", "/artifacts/{name:.*}/extract", artifacts("extract")),
  route("POST", "/artifacts/{name:.*}/push", artifacts("push")),
  route("DELETE", "/artifacts/{name:.*}", artifacts("removeOne")),
];

const quadletRoutes: readonly Route[] = [
  route("GET", "/quadlets/json", quadlets("listAll")),
  route("POST", "/quadlets", quadlets("install")),
  route("DELETE", "/quadlets", quadlets("removeSeveral")),
  route("GET", "/quadlets/{name}/exists", quadlets("exists")),
  route("GET", "/quadlets/{name}/file", quadlets("printFile")),
  route("DELETE", "/quadlets/{name}", quadlets("removeOne")),
];

const systemRoutes: readonly Route[] = [
  route("GET", "/info", system("info")),
  route("GET", "/version", async () => (await import("../docker/system/version.ts")).version),
  route("GET", "/events", async () => (await import("../docker/system/events.ts")).events),
  route("GET", "/system/df", system("diskUsage")),
  route("POST", "/system/prune", system("prune")),
  route("POST", "/system/check", async () => (await import("./system-check.ts")).check),
];

/** Everything below `/libpod` but `_ping`, which both trees have in common. Special paths stand before general ones. */
export const libpodRoutes: readonly Route[] = [
  ...containerRoutes,
  ...imageRoutes,
  ...manifestRoutes,
  ...podRoutes,
  ...networkRoutes,
  ...storeRoutes,
  ...kubeRoutes,
  ...artifactRoutes,
  ...quadletRoutes,
  ...systemRoutes,
];
