import type { Handler, Route } from "../route.ts";

type Actions = typeof import("./container-actions.ts");

/** A deed of container-actions.ts. */
function action(name: { [K in keyof Actions]: Actions[K] extends Handler ? K : never }[keyof Actions]): () => Promise<Handler> {
  return async () => (await import("./container-actions.ts"))[name];
}

/** Containers, as Docker's clients ask for them. */
export const containerRoutes: readonly Route[] = [
  { method: "GET", path: "/containers/json", load: async () => (await import("./container-list.ts")).listContainersRoute },
  { method: "POST", path: "/containers/create", load: async () => (await import("./container-create.ts")).createContainerRoute },
  { method: "GET", path: "/containers/{name}/json", load: async () => (await import("./container-inspect.ts")).inspectContainerRoute },
  { method: "GET", path: "/containers/{name}/export", load: async () => (await import("./container-export.ts")).exportContainerRoute },
  { method: "POST", path: "/containers/{name}/start", load: action("startContainerRoute") },
  { method: "POST", path: "/containers/{name}/stop", load: action("stopContainerRoute") },
  { method: "POST", path: "/containers/{name}/restart", load: action("restartContainerRoute") },
  { method: "POST", path: "/containers/{name}/kill", load: action("killContainerRoute") },
  { method: "POST", path: "/containers/{name}/pause", load: action("pauseContainerRoute") },
  { method: "POST", path: "/containers/{name}/unpause", load: action("unpauseContainerRoute") },
  { method: "POST", path: "/containers/{name}/rename", load: action("renameContainerRoute") },
  { method: "DELETE", path: "/containers/{name}", load: action("removeContainerRoute") },
];
