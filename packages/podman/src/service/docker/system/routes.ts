import type { Route } from "../../route.ts";

/** The service and the host. `_ping` is the same in both trees. */
export const systemRoutes: readonly Route[] = [
  { method: "GET", path: "/_ping", load: async () => (await import("./ping.ts")).ping },
  { method: "HEAD", path: "/_ping", load: async () => (await import("./ping.ts")).ping },
  { method: "GET", path: "/libpod/_ping", load: async () => (await import("./ping.ts")).ping },
  { method: "HEAD", path: "/libpod/_ping", load: async () => (await import("./ping.ts")).ping },
  { method: "GET", path: "/version", load: async () => (await import("./version.ts")).version },
  { method: "GET", path: "/info", load: async () => (await import("./info.ts")).info },
  { method: "GET", path: "/system/df", load: async () => (await import("./system-df.ts")).systemDf },
  { method: "POST", path: "/auth", load: async () => (await import("./auth.ts")).auth },
  { method: "GET", path: "/events", load: async () => (await import("./events.ts")).events },
];
