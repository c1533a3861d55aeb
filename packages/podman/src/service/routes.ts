import { containerRoutes } from "./docker/containers/routes.ts";
import { imageRoutes } from "./docker/images/routes.ts";
import { storeRoutes } from "./docker/store-routes.ts";
import { systemRoutes } from "./docker/system/routes.ts";
import { unsupportedRoutes } from "./docker/unsupported-routes.ts";
import { libpodRoutes } from "./libpod/routes.ts";
import type { Route } from "./route.ts";

/** Every route, in the order in which they are tried. A resource's own file says what answers. */
export const ROUTES: readonly Route[] = [
  ...systemRoutes,
  ...containerRoutes,
  ...imageRoutes,
  ...storeRoutes,
  ...libpodRoutes,
  ...unsupportedRoutes,
];
