import { ToolError } from "@containers/common/errors/tool-error";
import { toYaml } from "@containers/common/report/yaml";
import type { Engine } from "../../engine/engine.ts";
import { openSecretStore } from "../../secrets/secret-store.ts";
import { type KubeDocument, readKubeDocuments } from "../schema/documents.ts";
import { readAs } from "../schema/fields.ts";
import { secretSchema } from "../schema/pod-schema.ts";

type Ports = Pick<Engine, "paths" | "events">;

/**
 * Keeps a Secret of a kube file as a secret of podman's: the whole object, so that each of its keys can be asked for. One of the same name is
 * replaced. Returns the id.
 *
 * @throws ToolError when the present one may not be changed
 */
export function playSecret({ paths, events }: Ports, document: KubeDocument): string {
  const { metadata, data, stringData, type, immutable } = readAs(document, secretSchema, "kube secret");
  const name = metadata.name ?? "";
  const store = openSecretStore(paths.secretsDir);
  const present = store.list().find((secret) => secret.name === name);
  if (present?.metadata?.["immutable"] === "true")
    throw new ToolError("invalid-state", "cannot remove colliding secret as it is set to immutable");
  if (present !== undefined) {
    store.remove(present.id);
    events.write({ type: "secret", status: "remove", id: present.id });
  }
  const kept = {
    apiVersion: document.content["apiVersion"],
    kind: document.kind,
    metadata: { ...metadata, labels: filled(metadata.labels), annotations: filled(metadata.annotations) },
    data: filled(data),
    stringData: filled(stringData),
    type,
    immutable,
  };
  const made = store.create({
    name,
    data: Buffer.from(toYaml(kept)),
    driver: "file",
    driverOptions: {},
    labels: {},
    ...(immutable === true ? { metadata: { immutable: "true" } } : {}),
  });
  events.write({ type: "secret", status: "create", id: made.id });
  return made.id;
}

function filled(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

/**
 * The keys of a secret that a kube file made. Undefined when there is no such secret.
 * @throws ToolError invalid-argument when it holds something else
 */
export function secretKeys({ paths }: Pick<Engine, "paths">, name: string): ReadonlyMap<string, Buffer> | undefined {
  const store = openSecretStore(paths.secretsDir);
  const found = store.list().find((secret) => secret.name === name || secret.id === name);
  if (found === undefined) return undefined;
  const text = store.readData(found).toString();
  try {
    return keysOf(text);
  } catch (error) {
    throw new ToolError("invalid-argument", `secret ${name} is not valid JSON/YAML: ${(error as Error).message}`, { cause: error });
  }
}

/** Older releases kept the keys alone, as JSON. */
function keysOf(text: string): Map<string, Buffer> {
  const [document] = readKubeDocuments(text);
  if (document === undefined) throw new ToolError("invalid-argument", "it is empty");
  if (document.kind === "") {
    const bare = Object.entries(document.content).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return new Map(bare.map(([key, value]) => [key, Buffer.from(value, "base64")]));
  }
  const { data, stringData } = readAs(document, secretSchema, "kube secret");
  return new Map([
    ...Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64")] as const),
    ...Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value)] as const),
  ]);
}

export function noSuchSecret(name: string): ToolError {
  return new ToolError("not-found", `no secret with name or id "${name}": no such secret`, { exitCode: 125 });
}
