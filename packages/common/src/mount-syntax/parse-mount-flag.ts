import { splitCsv } from "../cli/flag-values/csv.ts";
import { ToolError } from "../errors/tool-error.ts";
import { checkVolumeOptions } from "./mount-options.ts";
import { containerPath, hostPath } from "./mount-path.ts";
import type { MountRequest } from "./mount-request.ts";
import { checkTmpfsOptions } from "./parse-tmpfs.ts";

const sourceKeys = new Set(["source", "src"]);
const targetKeys = new Set(["target", "destination", "dst"]);
const propagations = new Set(["shared", "rshared", "private", "rprivate", "slave", "rslave", "unbindable", "runbindable"]);
/** Words that are options of every mount as they stand. */
const plainOptions = new Set([
  ...["nodev", "dev", "noexec", "exec", "nosuid", "suid", "bind", "rbind"],
  ...["z", "Z", "U", "O", "copy", "nocopy", "no-dereference"],
]);
/** Types whose options are those of a file system of their own, as they stand. */
const ownFileSystems = new Set(["tmpfs", "ramfs", "devpts"]);
/** What chooses among an artifact's files. */
const artifactKeys = new Set(["title", "digest", "name"]);

interface Draft {
  type: string;
  source: string | undefined;
  target: string | undefined;
  subpath: string | undefined;
  readWrite: boolean | undefined;
  readonly artifact: Record<string, string>;
  readonly options: string[];
}

const TYPES: readonly string[] = ["bind", "glob", "volume", "tmpfs", "ramfs", "devpts", "image", "artifact"];

/**
 * `--mount type=bind,src=…,dst=…,ro`: types bind, glob, volume, tmpfs, ramfs, devpts, image and artifact; default volume.
 * @throws ToolError invalid-argument
 */
export function parseMountFlag(text: string): MountRequest {
  const draft: Draft = {
    type: "volume",
    source: undefined,
    target: undefined,
    subpath: undefined,
    readWrite: undefined,
    artifact: {},
    options: [],
  };
  const settings = fields(text);
  for (const { key, value } of settings) if (key === "type") draft.type = value ?? "";
  for (const { key, value } of settings) if (key !== "type") applySetting(draft, key, value);
  const target = draft.target === undefined ? undefined : containerPath(draft.target);
  if (draft.type === "glob") return finishGlob(draft, target);
  if (!TYPES.includes(draft.type)) throw new ToolError("invalid-argument", `invalid filesystem type ${JSON.stringify(draft.type)}`);
  if (target === undefined) throw new ToolError("invalid-argument", "must set volume destination");
  return finish(draft, target);
}

function fields(text: string): ReadonlyArray<{ key: string; value: string | undefined }> {
  return splitCsv(text).map((field) => {
    const equals = field.indexOf("=");
    return equals === -1 ? { key: field, value: undefined } : { key: field.slice(0, equals), value: field.slice(equals + 1) };
  });
}

function finishGlob(draft: Draft, target: string | undefined): MountRequest {
  const options = checkVolumeOptions(optionsOf(draft));
  return { type: "glob", source: hostPath(draft.source ?? ""), ...(target === undefined ? {} : { target }), options };
}

function optionsOf({ options, readWrite }: Draft): readonly string[] {
  return readWrite === undefined ? options : [...options, readWrite ? "rw" : "ro"];
}

function finish(draft: Draft, target: string): MountRequest {
  const { type, source, subpath, readWrite } = draft;
  const options = optionsOf(draft);
  switch (type) {
    case "bind":
      return { type, source: hostPath(source ?? target), target, options: checkVolumeOptions(options) };
    case "volume":
      return { type, name: source, target, options: checkVolumeOptions(options), subpath };
    case "tmpfs":
      if (source !== undefined) throw new ToolError("invalid-argument", `"source" option not supported for "tmpfs" mount types`);
      return { type, target, options: checkTmpfsOptions(options) };
    case "ramfs":
    case "devpts":
      return { type, target, options };
    case "image":
      if (source === undefined) throw new ToolError("invalid-argument", "must set source and destination for image volume");
      return { type, source, target, readWrite: readWrite ?? false, subpath };
    case "artifact":
      if (readWrite !== undefined) throw new ToolError("invalid-argument", `${readWrite ? "rw" : "ro"}: invalid mount option`);
      if (source === undefined) throw new ToolError("invalid-argument", "must set source and destination for artifact volume");
      return { type, source, target, ...draft.artifact };
    default:
      throw new ToolError("invalid-argument", `invalid filesystem type ${JSON.stringify(type)}`);
  }
}

function applySetting(draft: Draft, key: string, value: string | undefined): void {
  const needed = (): string => {
    if (value === undefined || value === "") throw new ToolError("invalid-argument", `${key}: must provide an argument for option`);
    return value;
  };
  if (sourceKeys.has(key)) {
    draft.source = needed();
  } else if (targetKeys.has(key)) {
    draft.target = needed();
  } else if (key === "subpath" || key === "volume-subpath") {
    draft.subpath = subpathOf(draft.type, needed());
  } else if (key === "ro" || key === "readonly" || key === "rw" || key === "readwrite") {
    if (draft.readWrite !== undefined) {
      throw new ToolError(
        "invalid-argument",
        "cannot pass 'readonly', 'ro', or 'rw' mnt.Options more than once: must provide an argument for option",
      );
    }
    const writes = key === "rw" || key === "readwrite";
    if (draft.type === "image" && writes && value !== "true" && value !== "false")
      throw new ToolError("invalid-argument", `invalid rw value ${JSON.stringify(value ?? "")}: invalid mount option`);
    draft.readWrite = readBoolean(key, value) === writes;
  } else {
    applyOption(draft, { key, value, needed });
  }
}

/** Of an image it is a path of the image's, of a volume one below it. */
function subpathOf(type: string, path: string): string {
  if (type !== "volume" && type !== "image") throw new ToolError("invalid-argument", 'cannot set option "subpath" on non-volume mounts');
  if (type === "image" && !path.startsWith("/"))
    throw new ToolError("invalid-argument", `volume subpath ${JSON.stringify(path)} must be an absolute path`);
  return path;
}

function applyOption(draft: Draft, { key, value, needed }: { key: string; value: string | undefined; needed: () => string }): void {
  const { options, type } = draft;
  if (type === "artifact") {
    if (!artifactKeys.has(key)) throw new ToolError("invalid-argument", `${key}: invalid mount option`);
    draft.artifact[key] = needed();
  } else if (key === "bind-propagation" || propagations.has(key)) {
    const propagation = key === "bind-propagation" ? needed() : key;
    if (!propagations.has(propagation)) throw new ToolError("invalid-argument", `invalid value ${JSON.stringify(`${key}=${propagation}`)}`);
    options.push(propagation);
  } else if (key === "bind-nonrecursive") {
    options.push(readBoolean(key, value) ? "bind" : "rbind");
  } else if (key === "relabel") {
    if (value !== "private" && value !== "shared")
      throw new ToolError("invalid-argument", "relabel mount option must be 'private' or 'shared': invalid mount option");
    options.push(value === "private" ? "Z" : "z");
  } else if (key === "U" || key === "chown") {
    if (readBoolean(key, value)) options.push("U");
  } else if (key === "idmap") {
    options.push(value === undefined ? "idmap" : `idmap=${value}`);
  } else if (type === "tmpfs" && key.startsWith("tmpfs-")) {
    options.push(`${key.slice("tmpfs-".length)}=${needed()}`);
  } else if (ownFileSystems.has(type)) {
    options.push(value === undefined ? key : `${key}=${value}`);
  } else if (key === "notmpcopyup" || key === "tmpcopyup" || key === "consistency") {
    // Accepted for docker's sake; has a meaning only elsewhere.
  } else if (plainOptions.has(key) && value === undefined) {
    options.push(key);
  } else {
    throw new ToolError("invalid-argument", `${key}: invalid mount option`);
  }
}

function readBoolean(key: string, value: string | undefined): boolean {
  switch ((value ?? "true").toLowerCase()) {
    case "true":
    case "1":
      return true;
    case "false":
    case "0":
      return false;
    default:
      throw new ToolError(
        "invalid-argument",
        `'${key}' must be set to true or false, instead received ${JSON.stringify(value)}: must provide an argument for option`,
      );
  }
}
