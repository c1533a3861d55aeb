import type { Handler, Route } from "../../route.ts";

type Images = typeof import("./images.ts");
type Transfer = typeof import("./transfer.ts");

type HandlerOf<M> = { [K in keyof M]: M[K] extends Handler ? K : never }[keyof M];

function image(name: HandlerOf<Images>): () => Promise<Handler> {
  return async () => (await import("./images.ts"))[name];
}

function transfer(name: HandlerOf<Transfer>): () => Promise<Handler> {
  return async () => (await import("./transfer.ts"))[name];
}

/** Images, as Docker's clients ask for them. Names may have slashes. */
export const imageRoutes: readonly Route[] = [
  { method: "GET", path: "/images/json", load: image("listImagesRoute") },
  { method: "POST", path: "/images/create", load: transfer("createImageRoute") },
  { method: "POST", path: "/images/load", load: transfer("loadImagesRoute") },
  { method: "POST", path: "/images/prune", load: image("pruneImagesRoute") },
  { method: "GET", path: "/images/search", load: image("searchImagesRoute") },
  { method: "GET", path: "/images/get", load: transfer("exportImagesRoute") },
  { method: "POST", path: "/build", load: async () => (await import("../build/build.ts")).buildRoute },
  { method: "POST", path: "/commit", load: async () => (await import("../containers/commit.ts")).commitRoute },
  { method: "POST", path: "/images/{name:.*}/push", load: transfer("pushImageRoute") },
  { method: "POST", path: "/images/{name:.*}/tag", load: image("tagImageRoute") },
  { method: "GET", path: "/images/{name:.*}/get", load: transfer("exportImageRoute") },
  { method: "GET", path: "/images/{name:.*}/history", load: image("imageHistoryRoute") },
  { method: "GET", path: "/images/{name:.*}/json", load: image("inspectImageRoute") },
  { method: "DELETE", path: "/images/{name:.*}", load: image("removeImageRoute") },
];
