import { expect, test } from "vitest";
import type { Route } from "./route.ts";
import { router } from "./router.ts";
import { ROUTES } from "./routes.ts";

const load: Route["load"] = async () => () => ({ status: 200 });
const find = router([
  { method: "GET", path: "/containers/json", load },
  { method: "GET", path: "/containers/{name}", load },
  { method: "POST", path: "/images/{name:.*}/push", load },
  { method: "DELETE", path: "/images/{name:.*}", load },
  { method: "GET", path: "/libpod/info", reach: "versioned", load },
  { method: "GET", path: "/libpod/old", reach: "versioned", major: { only: 3 }, load },
  { method: "ANY", path: "/swarm/", prefix: true, load },
]);

test.each([
  ["GET", "/containers/json", "/containers/json", {}],
  ["GET", "/v1.41/containers/json", "/containers/json", {}],
  ["GET", "/containers/a%2Fb", "/containers/{name}", { name: "a/b" }],
  ["POST", "/v1.41/images/quay.io/a/b:c/push", "/images/{name:.*}/push", { name: "quay.io/a/b:c" }],
  ["DELETE", "/images/quay.io/a%3Ab", "/images/{name:.*}", { name: "quay.io/a:b" }],
  ["GET", "/v5.0.0/libpod/info", "/libpod/info", {}],
  ["GET", "/v3.0.0/libpod/old", "/libpod/old", {}],
  ["PUT", "/swarm/x/y", "/swarm/", {}],
])("%s %s", (method, path, expected, params) => {
  const found = find(method, path);
  expect(found).toMatchObject({ kind: "match", match: { route: { path: expected }, params } });
});

test.each([
  ["GET", "/nosuch", { kind: "not-found" }],
  ["GET", "/libpod/info", { kind: "not-found" }],
  ["GET", "/v4.0.0/libpod/old", { kind: "not-found" }],
  ["GET", "/containers/a/b", { kind: "not-found" }],
  ["PUT", "/containers/json", { kind: "wrong-method" }],
  ["GET", "//v1.41//containers/json", { kind: "redirect", path: "/v1.41/containers/json" }],
  ["GET", "/containers/../info", { kind: "redirect", path: "/info" }],
])("%s %s is not found", (method, path, expected) => expect(find(method, path)).toEqual(expected));

test("no route is hidden by one before it", () => {
  const find = router(ROUTES);
  for (const route of ROUTES) {
    if (route.method === "ANY" || route.major !== undefined) continue;
    const path = route.path.replace(/\{[^}]*\}/g, "x");
    const found = find(route.method, route.reach === "versioned" ? `/v5.0.0${path}` : path);
    expect(found, `${route.method} ${route.path}`).toMatchObject({ kind: "match", match: { route: { path: route.path } } });
  }
});
