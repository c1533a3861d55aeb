import { readFileSync } from "node:fs";
import { wrapError } from "@containers/common/errors/tool-error";
import { gpgKeyNames } from "./gpg.ts";
import { parsePolicy } from "./policy-file.ts";
import { loadRegistriesD, type RegistriesD } from "./registries-d.ts";
import type { PolicyRequirement } from "./requirement.ts";

/** One requirement of a policy as `image trust show` lists it; absent fields are left out of its JSON. */
export interface PolicyLine {
  readonly transport: string;
  readonly name?: string;
  readonly repo_name?: string;
  readonly sigstore?: string;
  readonly type: string;
  readonly gpg_id?: string;
}

const TYPES: Readonly<Record<PolicyRequirement["type"], string>> = {
  insecureAcceptAnything: "accept",
  reject: "reject",
  signedBy: "signed",
  sigstoreSigned: "sigstoreSigned",
  signedBaseLayer: "",
};

/** The policy's text. @throws not-found, denied */
export function readPolicyText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw wrapError("could not read trust policies: unable to read policy file", error);
  }
}

/** What a policy asks of which images, the default first, then by transport and scope. */
export async function describePolicy(text: string, path: string, registriesDirectory: string): Promise<readonly PolicyLine[]> {
  const policy = parsePolicy(text, path);
  const places = loadRegistriesD(registriesDirectory);
  const lines = await describe(policy.default, { transport: "all", name: "* (default)", repo_name: "default" }, lookaside(places, ""));
  for (const [transport, scopes] of byName(policy.transports)) {
    const shown = transport === "docker" ? "repository" : transport;
    for (const [scope, requirements] of byName(scopes)) {
      lines.push(
        ...(await describe(
          requirements,
          { transport: shown, ...(scope === "" ? {} : { name: scope, repo_name: scope }) },
          lookaside(places, scope),
        )),
      );
    }
  }
  return lines;
}

async function describe(
  requirements: readonly PolicyRequirement[],
  of: Pick<PolicyLine, "transport" | "name" | "repo_name">,
  sigstore: string | undefined,
): Promise<PolicyLine[]> {
  return await Promise.all(
    requirements.map(async (requirement) => {
      const ids = await keyNames(requirement);
      return {
        ...of,
        ...(sigstore === undefined ? {} : { sigstore }),
        type: TYPES[requirement.type],
        ...(ids === "" ? {} : { gpg_id: ids }),
      };
    }),
  );
}

async function keyNames(requirement: PolicyRequirement): Promise<string> {
  if (requirement.type === "sigstoreSigned") return "N/A";
  if (requirement.type !== "signedBy") return "";
  const { paths, data } = requirement.keys;
  const names = await Promise.all([...paths.map((path) => gpgKeyNames(readKey(path))), ...data.map((key) => gpgKeyNames(key))]);
  return names.flat().join(", ");
}

/** A listing shows what it can: a key that is gone has no names. */
function readKey(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    return new Uint8Array();
  }
}

function lookaside(places: RegistriesD, scope: string): string | undefined {
  for (let at = scope; at !== ""; at = at.includes("/") ? at.slice(0, at.lastIndexOf("/")) : "") {
    const found = places.docker.get(at);
    if (found !== undefined) return found.lookaside;
  }
  return places.defaultDocker?.lookaside;
}

function byName<T>(map: ReadonlyMap<string, T>): ReadonlyArray<readonly [string, T]> {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
