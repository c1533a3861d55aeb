import type { Route } from "./route.ts";

/** A route for a path, with what the path told. */
export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly version: string | undefined;
}

type Routing =
  | { readonly kind: "match"; readonly match: RouteMatch }
  /** The path is not in its shortest form (`//`, `..`). */
  | { readonly kind: "redirect"; readonly path: string }
  | { readonly kind: "not-found" }
  /** There is something at the path, but not for this method. */
  | { readonly kind: "wrong-method" };

export type Router = (method: string, path: string) => Routing;

interface CompiledRoute {
  readonly route: Route;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

const VERSION = /^\/v([0-9][0-9A-Za-z.-]*)(\/.*)$/;

/** The first fitting route answers: special paths stand before general ones. `path` is percent-encoded and without query. */
export function router(routes: readonly Route[]): Router {
  const compiled = routes.map(compile);
  return (method, path) => {
    if (path === "*") return { kind: "redirect", path: "/%2A" };
    const clean = cleanPath(path);
    if (clean !== path) return { kind: "redirect", path: clean };
    const versioned = VERSION.exec(path);
    const [version, rest] = versioned === null ? [undefined, path] : [versioned[1], versioned[2] ?? ""];
    let wrongMethod = false;
    for (const candidate of compiled) {
      if (!isReachable(candidate.route, version)) continue;
      const found = candidate.pattern.exec(rest);
      if (found === null) continue;
      if (candidate.route.method !== "ANY" && candidate.route.method !== method) {
        wrongMethod = true;
        continue;
      }
      const params = Object.fromEntries(candidate.names.map((name, at) => [name, decode(found[at + 1] ?? "")]));
      return { kind: "match", match: { route: candidate.route, params, version } };
    }
    return { kind: wrongMethod ? "wrong-method" : "not-found" };
  };
}

function isReachable({ reach = "both", major }: Route, version: string | undefined): boolean {
  if (version === undefined) return reach !== "versioned" && major === undefined;
  if (reach === "unversioned") return false;
  const number = Number.parseInt(version, 10);
  return (major?.only === undefined || number === major.only) && (major?.from === undefined || number >= major.from);
}

function compile(route: Route): CompiledRoute {
  const names: string[] = [];
  const source = route.path.replace(/\{([a-zA-Z]+)(:\.\*)?\}|[.*+?^$()|[\]\\]/g, (text, name?: string, any?: string) => {
    if (name === undefined) return `\\${text}`;
    names.push(name);
    return any === undefined ? "([^/]+)" : "(.*)";
  });
  return { route, names, pattern: new RegExp(`^${source}${route.prefix === true ? "" : "$"}`) };
}

/** Without doubled slashes and dot segments; a closing slash stays. */
function cleanPath(path: string): string {
  if (!/\/\/|\/\.\.?(?:\/|$)/.test(path)) return path;
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return `/${kept.join("/")}${path.endsWith("/") && kept.length > 0 ? "/" : ""}`;
}

/** What is not well encoded stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
