import { ToolError } from "@containers/common/errors/tool-error";
import type { IdMapSpec } from "../container-spec/namespace-spec.ts";
import { fillMap, insertMap, mergeMaps } from "./id-ranges.ts";

type IdKind = "UID" | "GID";

/** What a map's text is read against. */
export interface IdMapContext {
  readonly kind: IdKind;
  /** The map of the namespace this runs in: `@ID` means what the host calls ID. */
  readonly parent: readonly IdMapSpec[];
  readonly rootless: boolean;
}

interface Triple {
  readonly maps: readonly IdMapSpec[];
  readonly extends: boolean;
  readonly applies: boolean;
}

/**
 * The map that the texts of `--uidmap` or `--gidmap` make: `[+ug]CONTAINER:[@]HOST[:SIZE]` each, where `+` goes into the maps before it
 * (rootless with none before: into all of the user's ids), `u` and `g` restrict a text to one kind, `@` names a host id.
 *
 * @throws invalid-argument
 */
export function parseIdMaps(texts: readonly string[], context: IdMapContext): IdMapSpec[] {
  let maps: IdMapSpec[] = [];
  let fill = false;
  for (const text of texts) {
    if (text === "") continue;
    for (const triple of triplesOf(text, { texts, context })) {
      if (!triple.applies) continue;
      for (const map of triple.maps) {
        if (map.size === 0) continue;
        if (triple.extends && maps.length === 0 && context.rootless) fill = true;
        maps = triple.extends ? insertMap(maps, map) : [...maps, map];
      }
    }
  }
  if (fill) maps = fillMap(maps, context.parent);
  return mergeMaps(maps);
}

/** One map of `--userns=auto:uidmapping=…`: as of {@link parseIdMaps}, without flags. */
export function parseAutoMap(text: string, context: IdMapContext): IdMapSpec[] {
  const parts = text.split(":");
  if (parts.length === 2) parts.push("1");
  if (parts.length !== 3) throw malformed(context.kind, JSON.stringify(text), "uint32:[@]uint32[:uint32]");
  return mergeMaps(expand(parts, context));
}

function triplesOf(text: string, given: { readonly texts: readonly string[]; readonly context: IdMapContext }): Triple[] {
  const { context } = given;
  const parts = text.split(":");
  if (parts.length === 2) parts.push("1");
  const quoted = `[${given.texts.map((one) => JSON.stringify(one)).join(" ")}]`;
  if (parts.length % 3 !== 0) throw malformed(context.kind, quoted, "[+ug]uint32:[@]uint32[:uint32]");
  const triples: Triple[] = [];
  for (let index = 0; index < parts.length; index += 3) {
    const [first = "", host = "", size = ""] = parts.slice(index, index + 3);
    if (first === "") throw malformed(context.kind, quoted, "[+ug]uint32:[@]uint32[:uint32]");
    triples.push(parseTriple([first, host, size], context));
  }
  return triples;
}

function parseTriple(parts: readonly [string, string, string], context: IdMapContext): Triple {
  const [, flags = "", id = ""] = /^([^0-9]*)(.*)$/s.exec(parts[0]) ?? [];
  const unknown = [...flags].find((flag) => !"+ug".includes(flag));
  if (unknown !== undefined) {
    throw new ToolError("invalid-argument", `invalid mapping: [${parts.join(" ")}]. Unknown flag ${unknown.codePointAt(0) ?? 0}`);
  }
  if (id === "") throw new ToolError("invalid-argument", `invalid mapping: [${parts.join(" ")}], parsing flags`);
  const both = !flags.includes("u") && !flags.includes("g");
  const applies = both || flags.includes(context.kind === "UID" ? "u" : "g");
  const words = [id, parts[1], parts[2]];
  return { maps: applies ? expand(words, context) : [], extends: flags.includes("+"), applies };
}

/** A host id with `@` is looked up one by one, for neighbours of the host need not be neighbours here. */
function expand(words: readonly string[], context: IdMapContext): IdMapSpec[] {
  const [first = "", host = "", count = ""] = words;
  const containerId = number32(first);
  if (host === "") throw new ToolError("invalid-argument", `invalid empty host id at ${context.kind} map: [${words.join(" ")}]`);
  const isHosts = host.startsWith("@");
  const hostId = number32(isHosts ? host.slice(1) : host);
  const size = number32(count);
  if (!isHosts) return [{ containerId, hostId, size }];
  return Array.from({ length: size }, (_, offset) => ({
    containerId: containerId + offset,
    hostId: fromHost(hostId + offset, context),
    size: 1,
  }));
}

function fromHost(id: number, { kind, parent }: IdMapContext): number {
  const range = parent.find(({ hostId, size }) => id >= hostId && id < hostId + size);
  if (range === undefined) throw new ToolError("invalid-argument", `parent ID ${kind} ${id} is not mapped/delegated`);
  return range.containerId + (id - range.hostId);
}

function number32(text: string): number {
  const problem = !/^\d+$/.test(text) ? "invalid syntax" : Number(text) >= 2 ** 32 ? "value out of range" : undefined;
  if (problem === undefined) return Number(text);
  const quoted = JSON.stringify(text);
  throw new ToolError("invalid-argument", `parsing id map value ${quoted}: strconv.ParseUint: parsing ${quoted}: ${problem}`);
}

function malformed(kind: IdKind, text: string, form: string): ToolError {
  return new ToolError(
    "invalid-argument",
    `initializing ID mappings: ${kind} setting is malformed expected [${JSON.stringify(form)}] : ${text}`,
  );
}
