import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { HttpError } from "./errors-to-http.ts";
import type { ApiRequest } from "./route.ts";
import { decode, dictionary, jsonProblem, struct, text } from "./wire/go-object.ts";

const account = struct("AuthConfig", {
  username: text,
  password: text,
  auth: text,
  email: text,
  serveraddress: text,
  identitytoken: text,
  registrytoken: text,
});

type Account = ReturnType<typeof account>;
type Accounts = Readonly<Record<string, Account>>;

/** How registries are reached for one request, and what is to be done when it is over. */
export interface RequestAccess {
  readonly access: Pick<RegistryAccess, "credentials" | "bearerToken" | "authFile">;
  close(): void;
}

/**
 * What the headers `X-Registry-Config` (accounts by registry, that of no name for all others) or `X-Registry-Auth` (one account, or the same map)
 * say. They serve this request alone: several accounts are put into a file of its own, for its owner, which `close` removes.
 *
 * @throws HttpError 400 for a header that cannot be read
 */
export function requestAccess(request: Pick<ApiRequest, "header" | "url">): RequestAccess {
  const { "": any, ...accounts } = sentAccounts(request);
  const byRegistry = Object.keys(accounts).length === 0 ? undefined : writeAuthFile(accounts);
  return {
    access: { ...(any === undefined ? {} : accessWith(any)), ...(byRegistry === undefined ? {} : { authFile: byRegistry.path }) },
    close: () => byRegistry?.close(),
  };
}

/** @throws HttpError 400 for a header that cannot be read, before an answer is begun */
export function requireAccounts(request: Pick<ApiRequest, "header" | "url">): void {
  sentAccounts(request);
}

/** By registry; one for all has the name "". */
function sentAccounts(request: Pick<ApiRequest, "header" | "url">): Accounts {
  for (const name of ["X-Registry-Config", "X-Registry-Auth"]) {
    const value = request.header(name) ?? "";
    // Some clients write their nothing as it is, instead of encoding it.
    if (value === "" || value === "null") continue;
    try {
      return parseAccounts(Buffer.from(value, "base64").toString("utf8").trim());
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      throw new HttpError(400, `failed to parse ${JSON.stringify(name)} header for ${request.url}: ${because}`, { because });
    }
  }
  return {};
}

function parseAccounts(json: string): Accounts {
  // Clients without an account send `null` or nothing.
  if (json === "" || json === "null" || json === "{}") return {};
  const value = parseJson(json);
  const isOne = typeof value === "object" && value !== null && Object.values(value).some((one) => typeof one === "string");
  return isOne ? { "": decode(account, json) } : decode(dictionary(account), json);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(jsonProblem(text));
  }
}

function accessWith(found: Account): RequestAccess["access"] {
  if (found.registrytoken) return { bearerToken: found.registrytoken };
  const { username, password } = namePair(found);
  if (found.identitytoken) return { credentials: { username, password, identityToken: found.identitytoken } };
  return username === "" ? {} : { credentials: { username, password } };
}

function namePair({ username = "", password = "", auth = "" }: Account): { readonly username: string; readonly password: string } {
  if (username !== "") return { username, password };
  const plain = Buffer.from(auth, "base64").toString("utf8");
  const colon = plain.indexOf(":");
  return colon === -1 ? { username: "", password: "" } : { username: plain.slice(0, colon), password: plain.slice(colon + 1) };
}

function writeAuthFile(accounts: Accounts): { readonly path: string; close(): void } {
  const directory = mkdtempSync(join(tmpdir(), "podman-auth-"));
  const auths = Object.fromEntries(Object.entries(accounts).map(([registry, one]) => [fileKey(registry), fileEntry(one)]));
  const path = join(directory, "auth.json");
  writeFileSync(path, JSON.stringify({ auths }), { mode: 0o600 });
  return { path, close: () => rmSync(directory, { recursive: true, force: true }) };
}

/** URLs mean whole registries; files name hosts and repositories. */
function fileKey(registry: string): string {
  const bare = registry.replace(/^https?:\/\//, "");
  const key = bare === registry ? bare.replace(/\/(v[12]\/?)?$/, "") : (bare.split("/", 1)[0] ?? "");
  return key === "index.docker.io" || key === "registry-1.docker.io" ? "docker.io" : key;
}

function fileEntry(one: Account): object {
  const { username, password } = namePair(one);
  const { identitytoken } = one;
  return { auth: Buffer.from(`${username}:${password}`).toString("base64"), ...(identitytoken ? { identitytoken } : {}) };
}
