import { ToolError } from "@containers/common/errors/tool-error";
import { inheritedDescriptors } from "@containers/common/sys/inherited-descriptors";

/** Descriptors of the caller that a contained process gets under the same numbers. */
export interface PassedDescriptors {
  /** How many from 3 on the runtime has to leave alone; some of them may be closed. */
  readonly count: number;
  readonly descriptors: readonly number[];
}

const NOTHING: PassedDescriptors = { count: 0, descriptors: [] };

/**
 * What `--preserve-fds` and `--preserve-fd` name. To be called before this process has opened files of its own.
 *
 * @throws invalid-argument for a descriptor that the caller did not pass on
 */
export function askedDescriptors(count: number | undefined, list: readonly string[]): PassedDescriptors | undefined {
  if ((count ?? 0) === 0 && list.length === 0) return undefined;
  if ((count ?? 0) > 0 && list.length > 0) throw new ToolError("invalid-argument", "cannot specify both --preserve-fds and --preserve-fd");
  const flag = list.length > 0 ? "preserve-fd" : "preserve-fds";
  const wanted = list.length > 0 ? list.map(descriptorNumber) : Array.from({ length: count ?? 0 }, (_, index) => index + 3);
  const open = new Set([0, 1, 2, ...inheritedDescriptors()]);
  for (const fd of wanted) {
    if (!open.has(fd)) {
      throw new ToolError(
        "invalid-argument",
        `file descriptor ${fd} is not available - the ${flag} option requires that file descriptors must be passed`,
      );
    }
  }
  return { count: Math.max(0, ...wanted.map((fd) => fd - 2)), descriptors: wanted.filter((fd) => fd > 2) };
}

function descriptorNumber(text: string): number {
  if (!/^\d+$/.test(text))
    throw new ToolError(
      "invalid-argument",
      `invalid argument ${JSON.stringify(text)} for "--preserve-fd" flag: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  return Number(text);
}

/** Sockets that systemd opened for the service (sd_listen_fds(3)): the container is handed them. */
export function activationDescriptors(env: Readonly<Record<string, string | undefined>>): PassedDescriptors {
  const text = env["LISTEN_FDS"] ?? "";
  if (text === "") return NOTHING;
  if (!/^\d+$/.test(text)) throw new ToolError("invalid-argument", `converting LISTEN_FDS=${text}: no number`);
  const count = Number(text);
  const descriptors = inheritedDescriptors().filter((fd) => fd < 3 + count);
  return { count, descriptors };
}

/** What tells a contained process of the sockets; it is the first of its namespace. */
export function activationEnvironment(env: Readonly<Record<string, string | undefined>>): string[] {
  return ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [`${name}=${name === "LISTEN_PID" ? "1" : value}`];
  });
}
