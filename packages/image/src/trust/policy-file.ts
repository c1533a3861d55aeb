import { existsSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { userHome } from "../registries-conf/paths.ts";
import { invalidPolicy as invalid, onlyKeys } from "./policy-error.ts";
import { type PolicyRequirement, parseRequirement } from "./requirement.ts";

/** A policy: requirements by transport and scope; the longest scope that covers an image applies, else the default. */
export interface Policy {
  readonly default: readonly PolicyRequirement[];
  /** transport → scope (`""` for the whole transport) → requirements. */
  readonly transports: ReadonlyMap<string, ReadonlyMap<string, readonly PolicyRequirement[]>>;
  /** The file it came from, for messages. */
  readonly origin: string;
}

const systemPolicy = "/etc/containers/policy.json";

/**
 * The policy that applies: the one named by the caller, else the user's, else the system's, else the one that distributions
 * install with these tools (accept anything; docs/decisions/0010-default-policy.md).
 *
 * @throws not-found when a named file is absent; invalid-argument when a file is no valid policy: both stop the copy
 */
export function loadPolicy(named?: string, home = userHome()): Policy {
  const path = policyPath(named, home);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && !named) return acceptAnythingPolicy("built in");
    throw wrapError(`loading trust policy ${path}`, error);
  }
  try {
    return parsePolicy(text, path);
  } catch (error) {
    throw wrapError(`invalid policy in "${path}"`, error);
  }
}

/** The file that {@link loadPolicy} reads. */
export function policyPath(named?: string, home = userHome()): string {
  const user = join(home, ".config/containers/policy.json");
  return named || (existsSync(user) ? user : systemPolicy);
}

/** The policy of `--insecure-policy`. */
export function acceptAnythingPolicy(origin: string): Policy {
  return { default: [{ type: "insecureAcceptAnything" }], transports: new Map(), origin };
}

/**
 * Parses policy.json strictly: an unknown or misspelt key is refused, for a policy must not be weaker than its author meant.
 *
 * @throws invalid-argument
 */
export function parsePolicy(text: string, origin: string): Policy {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ToolError("invalid-argument", "not valid JSON", { cause: error });
  }
  const top = object(parsed, "the policy");
  onlyKeys(top, ["default", "transports"], "the policy");
  if (top["default"] === undefined) throw invalid("default policy is missing");
  const transports = new Map<string, ReadonlyMap<string, readonly PolicyRequirement[]>>();
  for (const [transport, scopes] of Object.entries(object(top["transports"] ?? {}, "transports"))) {
    const byScope = Object.entries(object(scopes, `transport ${transport}`));
    for (const [scope] of byScope) if (scope !== "") checkScope(transport, scope);
    transports.set(transport, new Map(byScope.map(([scope, value]) => [scope, requirements(value, `${transport} scope "${scope}"`)])));
  }
  return { default: requirements(top["default"], "default"), transports, origin };
}

/** A scope that can never match an image would leave it to the default: refused, as by the original. */
function checkScope(transport: string, scope: string): void {
  if (["dir", "oci", "oci-archive", "sif"].includes(transport)) {
    if (!scope.startsWith("/")) throw invalid(`${transport} scope ${JSON.stringify(scope)} must be an absolute path`);
    if (scope === "/" || normalize(scope) !== scope || scope.endsWith("/"))
      throw invalid(`${transport} scope ${JSON.stringify(scope)} must be a path without detours, or "" for the whole transport`);
  }
  if (transport === "docker-archive" || transport === "tarball")
    throw invalid(`${transport} does not support any scopes except the default "" one`);
}

function requirements(value: unknown, where: string): readonly PolicyRequirement[] {
  if (!Array.isArray(value)) throw invalid(`${where} must be a list of requirements`);
  if (value.length === 0) throw invalid(`list of verification policy requirements must not be empty (${where})`);
  return value.map((entry) => parseRequirement(object(entry, `a requirement of ${where}`)));
}

function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw invalid(`${what} must be an object`);
}
