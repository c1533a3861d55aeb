import { existsSync, readFileSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { goJson, sortKeys } from "../manifest/go-json.ts";
import { parsePolicy } from "./policy-file.ts";

export interface PolicyEntry {
  /** `default`, or a scope of the docker transport. */
  readonly scope: string;
  readonly type: string;
  /** Absolute paths; each must be one of the image's signers. */
  readonly keyFiles: readonly string[];
}

type Scopes = Record<string, unknown>;

/**
 * Sets what a policy asks of a scope; what else the file says stays.
 *
 * @throws invalid-argument
 */
export function setPolicyEntry(path: string, entry: PolicyEntry): void {
  const policy = readPolicy(path);
  const requirements = requirementsOf(entry);
  if (entry.scope === "default") policy.default = requirements;
  else setScope(policy, entry.scope, requirements);
  const ordered = { default: policy.default, ...(policy.transports === undefined ? {} : { transports: sortedScopes(policy.transports) }) };
  const text = goJson(ordered, 4);
  // Never leave a policy behind that stops every pull.
  parsePolicy(text, path);
  writeFileAtomic(path, text, { mode: 0o644 });
}

interface PolicyText {
  default?: unknown;
  transports?: Record<string, Scopes>;
}

function readPolicy(path: string): PolicyText {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, "utf8")) as PolicyText;
  } catch (error) {
    throw wrapError("could not read trust policies", error);
  }
}

function setScope(policy: PolicyText, scope: string, requirements: unknown): void {
  if (policy.default === undefined) throw new ToolError("invalid-argument", "default trust policy must be set");
  policy.transports ??= {};
  const present = Object.values(policy.transports).find((scopes) => scope in scopes);
  const scopes = present ?? (policy.transports["docker"] ??= {});
  scopes[scope] = requirements;
}

function sortedScopes(transports: Record<string, Scopes>): Record<string, Scopes> {
  return sortKeys(Object.fromEntries(Object.entries(transports).map(([name, scopes]) => [name, sortKeys(scopes)])));
}

function requirementsOf({ type, keyFiles }: PolicyEntry): unknown {
  switch (type) {
    case "accept":
    case "insecureAcceptAnything":
    case "reject":
      if (keyFiles.length > 0) {
        throw new ToolError("invalid-argument", `${keyFiles.length} public keys unexpectedly provided for trust type ${type}`);
      }
      return [{ type: type === "accept" ? "insecureAcceptAnything" : type }];
    case "signedBy":
    case "sigstoreSigned":
      if (keyFiles.length === 0) throw new ToolError("invalid-argument", `at least one public key must be defined for type '${type}'`);
      return keyFiles.map((keyPath) => (type === "signedBy" ? { type, keyType: "GPGKeys", keyPath } : { type, keyPath }));
    default:
      throw new ToolError("invalid-argument", `unknown trust type "${type}"`);
  }
}
