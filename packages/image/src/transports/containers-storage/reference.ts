import { isDigest } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Store } from "@containers/storage/store";
import { type NamedReference, parseNormalizedName, withDefaultTag } from "../../reference/reference.ts";
import type { ImageContext, ImageReference, ImageTransport } from "../transport.ts";

/** `containers-storage:[DRIVER@GRAPHROOT+RUNROOT:OPTIONS]NAME[:TAG][@DIGEST|@ID]`: an image in the local store. */
export const storageTransport: ImageTransport = {
  name: "containers-storage",
  parse(rest) {
    const { store, name } = splitStore(rest);
    return makeReference(rest, name, { spec: store });
  },
};

/** The image of this name or id in an open store. */
export function storageReference(store: Store, nameOrId: string): ImageReference {
  return makeReference(`[${store.driverName}@${store.graphRoot}+${store.runRoot}]${nameOrId}`, nameOrId, { store });
}

/** Which store, as a reference spells it. */
export interface StoreSpec {
  readonly driver?: string;
  readonly graphRoot?: string;
  readonly runRoot?: string;
  readonly driverOptions?: readonly string[];
}

/** Where the image is to be looked for. */
export interface StoreChoice {
  readonly spec?: StoreSpec;
  readonly store?: Store;
}

/** What a reference names within a store. At least one is there. */
export interface StorageName {
  readonly named?: NamedReference;
  /** Full image id, or a prefix of one that only the store can complete. */
  readonly id?: string;
  /** As written: it may be the prefix of an id although it reads as a name. */
  readonly text: string;
}

const FULL_ID = /^[0-9a-f]{64}$/;
/** Shorter texts are taken for names. */
const MINIMUM_ID_PREFIX = 3;

function makeReference(within: string, text: string, choice: StoreChoice): ImageReference {
  const name = parseStorageName(text);
  const reference: ImageReference = {
    transport: "containers-storage",
    withinTransport: within,
    ...(name.named === undefined ? {} : { dockerReference: name.named }),
    policyScopes: policyScopes(name, choice),
    openSource: async (context) => (await import("./source.ts")).openStorageSource(reference, name, await openChosen(choice, context)),
    openDestination: async (context) =>
      (await import("./destination.ts")).openStorageDestination(reference, name, { store: await openChosen(choice, context), context }),
    delete: async (context) => (await import("./delete.ts")).deleteFromStorage(name, await openChosen(choice, context)),
  };
  return reference;
}

/** Parses what stands after the store. Throws invalid-argument. */
export function parseStorageName(text: string): StorageName {
  if (text === "") throw new ToolError("invalid-argument", "a containers-storage: reference needs a name or an id");
  const at = text.lastIndexOf("@");
  const tail = at < 0 ? "" : text.slice(at + 1);
  if (at >= 0 && tail === "") throw new ToolError("invalid-argument", `empty trailing digest or ID in ${JSON.stringify(text)}`);
  if (at >= 0 && !isDigest(tail)) {
    if (!/^[0-9a-f]+$/.test(tail))
      throw new ToolError("invalid-argument", `${JSON.stringify(tail)} does not look like an image ID or digest`);
    const before = text.slice(0, at);
    return { id: tail, text, ...(before === "" ? {} : { named: withDefaultTag(parseNormalizedName(before)) }) };
  }
  if (FULL_ID.test(text)) return { id: text, text };
  return { named: withDefaultTag(parseNormalizedName(text)), text };
}

/** True when a text without tag and digest may also be the beginning of an id. */
export function mayBeIdPrefix(text: string): boolean {
  return text.length >= MINIMUM_ID_PREFIX && /^[0-9a-f]+$/.test(text);
}

function splitStore(rest: string): { readonly store: StoreSpec | undefined; readonly name: string } {
  if (!rest.startsWith("[")) return { store: undefined, name: rest };
  const close = rest.indexOf("]");
  if (close < 2) throw new ToolError("invalid-argument", `store specifier in ${JSON.stringify(rest)} did not end`);
  return { store: parseStoreSpec(rest.slice(1, close)), name: rest.slice(close + 1) };
}

function parseStoreSpec(text: string): StoreSpec {
  const at = text.indexOf("@");
  const driver = at < 0 ? undefined : text.slice(0, at);
  const [places = "", options] = splitOnce(at < 0 ? text : text.slice(at + 1), ":");
  const [graphRoot = "", runRoot] = splitOnce(places, "+");
  for (const path of [graphRoot, runRoot]) {
    if (path !== undefined && path !== "" && !path.startsWith("/"))
      throw new ToolError("invalid-argument", `path name ${JSON.stringify(path)} is not absolute`);
  }
  return {
    ...(driver === undefined || driver === "" ? {} : { driver }),
    ...(graphRoot === "" ? {} : { graphRoot }),
    ...(runRoot === undefined || runRoot === "" ? {} : { runRoot }),
    ...(options === undefined || options === "" ? {} : { driverOptions: options.split(",") }),
  };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const position = text.indexOf(separator);
  return position < 0 ? [text, undefined] : [text.slice(0, position), text.slice(position + 1)];
}

async function openChosen(choice: StoreChoice, context: ImageContext): Promise<Store> {
  if (choice.store !== undefined) return choice.store;
  const { spec } = choice;
  if (spec === undefined && context.store !== undefined) return context.store;
  const { openStore } = await import("@containers/storage/open-store");
  return openStore({ graphRoot: spec?.graphRoot, runRoot: spec?.runRoot, driver: spec?.driver, driverOptions: spec?.driverOptions });
}

function policyScopes(name: StorageName, choice: StoreChoice): string[] {
  const driver = choice.store?.driverName ?? choice.spec?.driver;
  const root = choice.store?.graphRoot ?? choice.spec?.graphRoot;
  if (driver === undefined || root === undefined) return [];
  const store = `[${driver}@${root}]`;
  const { named } = name;
  const id = name.id === undefined ? "" : `@${name.id}`;
  const scopes = [store + (named?.toString() ?? "") + id];
  if (named !== undefined) {
    if (id !== "") scopes.push(store + named.toString());
    for (let at = named.name; ; at = at.slice(0, at.lastIndexOf("/"))) {
      scopes.push(store + at);
      if (!at.includes("/")) break;
    }
  }
  return [...scopes, store, `[${root}]`];
}
