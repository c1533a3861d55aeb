import { ToolError } from "@containers/common/errors/tool-error";

/** `RUN --mount=…`, understood but not looked up yet. */
export interface RunMount {
  readonly type: "bind" | "cache" | "tmpfs" | "secret" | "ssh";
  readonly target?: string;
  readonly source?: string;
  /** Stage, image or build context that the source is in. */
  readonly from?: string;
  readonly readOnly: boolean;
  /** For caches and secrets. */
  readonly id?: string;
  readonly sharing: "shared" | "private" | "locked";
  /** Permission bits. */
  readonly mode?: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a tmpfs. */
  readonly size?: string;
  /** Secrets: fail when it is not given; the variable to set. */
  readonly required: boolean;
  readonly env?: string;
}

const TYPES = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;

/** Parses one `--mount` value: `type=cache,target=/root/.cache,…`. Throws invalid-argument, and unsupported for what is not there yet. */
export function parseRunMount(text: string): RunMount {
  const fields = new Map<string, string | undefined>();
  for (const part of text.split(",")) {
    const equals = part.indexOf("=");
    const key = (equals === -1 ? part : part.slice(0, equals)).trim();
    fields.set(canonicalKey(key), equals === -1 ? undefined : part.slice(equals + 1));
  }
  const type = TYPES.find((known) => known === (fields.get("type") ?? "bind"));
  if (type === undefined) throw new ToolError("invalid-argument", `invalid mount type ${JSON.stringify(fields.get("type"))}`);
  const allowed = ALLOWED[type];
  const unknown = [...fields.keys()].find((key) => key !== "type" && !allowed.includes(key));
  if (unknown !== undefined) throw new ToolError("invalid-argument", `${unknown}: invalid mount option for a mount of type ${type}`);
  const refused = [...fields.keys()].find((key) => UNSUPPORTED.includes(key));
  if (refused !== undefined) throw new ToolError("unsupported", `${refused}: this mount option of RUN is not supported yet`);
  if (type !== "secret" && type !== "ssh" && (fields.get("target") ?? "") === "")
    throw new ToolError("invalid-argument", "must set volume destination");
  return {
    type,
    ...definedFields(fields),
    readOnly: isReadOnly(type, fields),
    sharing: sharing(fields.get("sharing")),
    uid: numberField(fields, "uid", 10) ?? 0,
    gid: numberField(fields, "gid", 10) ?? 0,
    ...(fields.has("mode") ? { mode: numberField(fields, "mode", 8) ?? 0 } : {}),
    required: fields.has("required") && fields.get("required") !== "false",
  };
}

const ALLOWED: Readonly<Record<RunMount["type"], readonly string[]>> = {
  bind: ["target", "source", "from", "readonly", "readwrite", "relabel", "z", "Z", "U", "bind-propagation", "bind-nonrecursive"],
  cache: ["target", "source", "from", "readonly", "readwrite", "id", "sharing", "mode", "uid", "gid", "z", "Z"],
  tmpfs: ["target", "readonly", "readwrite", "size", "mode"],
  secret: ["target", "id", "required", "mode", "uid", "gid", "env", "type"],
  ssh: ["target", "id", "required", "mode", "uid", "gid"],
};

/** Known, and refused until they act. Relabelling (`z`, `Z`) is accepted: without SELinux there is nothing to label. */
const UNSUPPORTED: readonly string[] = ["U", "bind-propagation", "bind-nonrecursive"];

function canonicalKey(key: string): string {
  if (key === "src") return "source";
  if (key === "dst" || key === "destination") return "target";
  if (key === "ro") return "readonly";
  if (key === "rw") return "readwrite";
  if (key === "tmpfs-size") return "size";
  return key;
}

function definedFields(
  fields: ReadonlyMap<string, string | undefined>,
): Pick<RunMount, "target" | "source" | "from" | "id" | "size" | "env"> {
  const names = ["target", "source", "from", "id", "size", "env"] as const;
  return Object.fromEntries(names.flatMap((name) => (fields.get(name) === undefined ? [] : [[name, fields.get(name)]])));
}

/** A bind mount is read-only unless it says otherwise; the others are writable. */
function isReadOnly(type: RunMount["type"], fields: ReadonlyMap<string, string | undefined>): boolean {
  if (fields.has("readwrite")) return fields.get("readwrite") === "false";
  if (fields.has("readonly")) return fields.get("readonly") !== "false";
  return type === "bind";
}

function sharing(text: string | undefined): RunMount["sharing"] {
  if (text === undefined || text === "shared") return "shared";
  if (text === "private" || text === "locked") return text;
  throw new ToolError("invalid-argument", `unrecognized value ${JSON.stringify(text)} for field "sharing"`);
}

function numberField(fields: ReadonlyMap<string, string | undefined>, name: string, base: 8 | 10): number | undefined {
  const text = fields.get(name);
  if (text === undefined) return undefined;
  const valid = base === 8 ? /^[0-7]+$/ : /^\d+$/;
  if (!valid.test(text)) throw new ToolError("invalid-argument", `unable to parse ${name} ${JSON.stringify(text)}`);
  return Number.parseInt(text, base);
}
