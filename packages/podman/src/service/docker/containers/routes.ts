import type { Handler, Route } from "../../route.ts";

type Actions = typeof import("./actions.ts");

/** A deed of container-actions.ts. */
function action(name: { [K in keyof Actions]: Actions[K] extends Handler ? K : never }[keyof Actions]): () => Promise<Handler> {
  return async () => (await import("./actions.ts"))[name];
}

/** Containers, as Docker's clients ask for them. */
export const containerRoutes: readonly Route[] = [
  { method: "GET", path: "/containers/json", load: async () => (await import("./list.ts")).listContainersRoute },
  { method: "POST", path: "/containers/create", load: async () => (await import("./create.ts")).createContainerRoute },
  { method: "GET", path: "/containers/{name}/json", load: async () => (await import("./inspect.ts")).inspectContainerRoute },
  { method: "GET", path: "/containers/{name}/export", load: async () => (await import("./export.ts")).exportContainerRoute },
  { method: "POST", path: "/containers/{name}/update", load: async () => (await import("./update.ts")).updateContainerRoute },
  { method: "POST", path: "/containers/prune", load: async () => (await import("./prune.ts")).pruneContainersRoute },
  { method: "HEAD", path: "/containers/{name}/archive", load: async () => (await import("./archive.ts")).readArchiveRoute },
  { method: "GET", path: "/containers/{name}/archive", load: async () => (await import("./archive.ts")).readArchiveRoute },
  { method: "PUT", path: "/containers/{name}/archive", load: async () => (await import("./archive.ts")).writeArchiveRoute },
  { method: "GET", path: "/containers/{name}/changes", load: async () => (await import("./changes.ts")).containerChangesRoute },
  { method: "GET", path: "/containers/{name}/stats", load: async () => (await import("./stats.ts")).containerStatsRoute },
  { method: "GET", path: "/containers/{name}/top", load: async () => (await import("./top.ts")).topContainerRoute },
  { method: "POST", path: "/containers/{name}/attach", load: async () => (await import("./attach.ts")).attachContainerRoute },
  { method: "POST", path: "/containers/{name}/wait", load: async () => (await import("./wait.ts")).waitContainerRoute },
  { method: "GET", path: "/containers/{name}/logs", load: async () => (await import("./logs.ts")).containerLogsRoute },
  { method: "POST", path: "/containers/{name}/resize", load: action("resizeContainerRoute") },
  { method: "POST", path: "/containers/{name}/exec", load: async () => (await import("./exec.ts")).createExecRoute },
  { method: "POST", path: "/exec/{id}/start", load: async () => (await import("./exec.ts")).startExecRoute },
  { method: "POST", path: "/exec/{id}/resize", load: async () => (await import("./exec.ts")).resizeExecRoute },
  { method: "GET", path: "/exec/{id}/json", load: async () => (await import("./exec.ts")).inspectExecRoute },
  { method: "POST", path: "/containers/{name}/start", load: action("startContainerRoute") },
  { method: "POST", path: "/containers/{name}/stop", load: action("stopContainerRoute") },
  { method: "POST", path: "/containers/{name}/restart", load: action("restartContainerRoute") },
  { method: "POST", path: "/containers/{name}/kill", load: action("killContainerRoute") },
  { method: "POST", path: "/containers/{name}/pause", load: action("pauseContainerRoute") },
  { method: "POST", path: "/containers/{name}/unpause", load: action("unpauseContainerRoute") },
  { method: "POST", path: "/containers/{name}/rename", load: action("renameContainerRoute") },
  { method: "DELETE", path: "/containers/{name}", load: action("removeContainerRoute") },
];
