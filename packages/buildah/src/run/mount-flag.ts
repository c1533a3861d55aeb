import { ToolError } from "@containers/common/errors/tool-error";

/** `RUN --mount=…`, understood but not looked up yet. */
export interface RunMount {
  readonly type: "bind" | "cache" | "tmpfs" | "secret" | "ssh";
  readonly target?: string;
  readonly source?: string;
  /** Stage, image or build context that the source is in. */
  readonly from?: string;
  readonly readOnly: boolean;
  /** For caches, secrets and agents. */
  readonly id?: string;
  readonly sharing: "shared" | "private" | "locked";
  /** Permission bits. */
  readonly mode?: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a tmpfs. */
  readonly size?: string;
  /** A tmpfs starts with what it hides. */
  readonly copyUp: boolean;
  /** `nosuid`, `nodev`, `noexec`. */
  readonly flags: readonly string[];
  readonly propagation?: string;
  readonly recursive: boolean;
  /** Everything in it is given to the user of the command. */
  readonly chown: boolean;
  /** Secrets and agents: fail when it is not given. */
  readonly required: boolean;
  /** The variable to set to a secret. */
  readonly env?: string;
}

const TYPES = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;
const PROPAGATIONS = ["shared", "rshared", "private", "rprivate", "slave", "rslave"];
const PLAIN_FLAGS = ["nosuid", "nodev", "noexec"];

/** Parses one `--mount` value: `type=cache,target=/root/.cache,…`. Throws invalid-argument. */
export function parseRunMount(text: string): RunMount {
  const fields = new Map<string, string | undefined>();
  for (const part of text.split(",")) {
    const equals = part.indexOf("=");
    const key = (equals === -1 ? part : part.slice(0, equals)).trim();
    fields.set(canonicalKey(key), equals === -1 ? undefined : part.slice(equals + 1));
  }
  const type = TYPES.find((known) => known === (fields.get("type") ?? "bind"));
  if (type === undefined) throw new ToolError("invalid-argument", `invalid mount type ${JSON.stringify(fields.get("type"))}`);
  checkFields(type, fields);
  const propagation = fields.get("bind-propagation") ?? [...fields.keys()].findLast((key) => PROPAGATIONS.includes(key));
  return {
    type,
    ...definedFields(fields),
    readOnly: isReadOnly(type, fields),
    sharing: sharing(fields.get("sharing")),
    uid: numberField(fields, "uid", 10) ?? 0,
    gid: numberField(fields, "gid", 10) ?? 0,
    ...(fields.has("mode") ? { mode: numberField(fields, "mode", 8) ?? 0 } : {}),
    copyUp: fields.has("tmpcopyup"),
    flags: PLAIN_FLAGS.filter((flag) => fields.has(flag)),
    ...(propagation === undefined ? {} : { propagation }),
    recursive: !fields.has("bind-nonrecursive"),
    chown: fields.has("U"),
    required: fields.has("required") && !/^(false|0|f)$/i.test(fields.get("required") ?? ""),
  };
}

function checkFields(type: RunMount["type"], fields: ReadonlyMap<string, string | undefined>): void {
  for (const [key, value] of fields) {
    if (key === "type") continue;
    const takes = ALLOWED[type][key];
    if (takes === undefined) {
      if (type === "secret" || type === "ssh") throw new ToolError("invalid-argument", SYNTAX[type]);
      throw new ToolError("invalid-argument", `${key}: invalid mount option`);
    }
    if (takes === "value" && (value ?? "") === "") throw new ToolError("invalid-argument", `${key}: must provide an argument for option`);
    if (takes === "nothing" && value !== undefined && !/^(true|false|1|0)$/.test(value))
      throw new ToolError("invalid-argument", `${key}: must not provide an argument for option`);
  }
  const propagation = fields.get("bind-propagation");
  if (propagation !== undefined && !PROPAGATIONS.includes(propagation))
    throw new ToolError("invalid-argument", `bind-propagation: ${JSON.stringify(propagation)}: invalid mount option`);
  const relabel = fields.get("relabel");
  if (relabel !== undefined && relabel !== "private" && relabel !== "shared")
    throw new ToolError("invalid-argument", "relabel mount option must be 'private' or 'shared': invalid mount option");
  if (type !== "secret" && type !== "ssh" && (fields.get("target") ?? "") === "")
    throw new ToolError("invalid-argument", "must set volume destination");
}

const SYNTAX = {
  secret: "secret should have syntax id=id[,target=path,required=bool,mode=uint,uid=uint,gid=uint,env=dstVarName",
  ssh: "ssh should have syntax id=id[,target=path,required=bool,mode=uint,uid=uint,gid=uint",
} as const;

type Takes = Readonly<Record<string, "value" | "nothing" | "either">>;

function options(takes: "value" | "nothing" | "either", ...names: string[]): Takes {
  return Object.fromEntries(names.map((name) => [name, takes]));
}

const ACCESS = options("nothing", "readonly", "readwrite", ...PLAIN_FLAGS, ...PROPAGATIONS, "z", "Z", "U");

/** Relabelling (`z`, `Z`, `relabel`) is accepted: without SELinux there is nothing to label. */
const ALLOWED: Readonly<Record<RunMount["type"], Takes>> = {
  bind: {
    ...ACCESS,
    ...options("value", "target", "source", "from", "relabel", "bind-propagation"),
    ...options("nothing", "bind-nonrecursive", "no-dereference"),
    ...options("either", "consistency"),
  },
  cache: { ...ACCESS, ...options("value", "target", "source", "from", "id", "sharing", "mode", "uid", "gid", "bind-propagation") },
  tmpfs: { ...options("value", "target", "size", "mode"), ...options("nothing", "readonly", "readwrite", "tmpcopyup", ...PLAIN_FLAGS) },
  secret: { ...options("value", "target", "id", "mode", "uid", "gid", "env"), ...options("either", "required") },
  ssh: { ...options("value", "target", "id", "mode", "uid", "gid"), ...options("either", "required") },
};

function canonicalKey(key: string): string {
  if (key === "src") return "source";
  if (key === "dst" || key === "destination") return "target";
  if (key === "ro") return "readonly";
  if (key === "rw") return "readwrite";
  if (key === "tmpfs-size") return "size";
  if (key === "tmpfs-mode") return "mode";
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
