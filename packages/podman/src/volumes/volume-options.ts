import { existsSync } from "node:fs";
import { parseDecimalSize } from "@containers/common/cli/flag-values/size";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ProjectAmounts } from "@containers/common/sys/sys";

/** What `-o` options mean, with the keys that inspect shows. */
export interface SettledVolumeOptions {
  readonly options: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds; for plugins. */
  readonly timeout?: number;
  /** What the volume's directory may take; zero is no limit. */
  readonly limits?: ProjectAmounts;
}

/** Reads the options of a new volume. A plugin gets all of them; those of podman's own drivers are checked. */
export function settleVolumeOptions(driver: string, asked: Readonly<Record<string, string>>): SettledVolumeOptions {
  const inner = readInner(asked["o"]);
  const { o: _, ...rest } = asked;
  const options = { ...rest, ...(inner.text === "" ? {} : { o: inner.text }), ...inner.shown };
  if (driver === "local") checkLocal(options, inner);
  if (driver === "image") checkImage(options);
  if (inner.timeout !== undefined && (driver === "local" || driver === "image"))
    throw invalid("running volume create option: Volume driver timeout can only be used with non-local volume drivers: invalid argument");
  return {
    options: Object.fromEntries(Object.entries(options).sort(([one], [other]) => (one < other ? -1 : 1))),
    ...(inner.uid === undefined ? {} : { uid: inner.uid }),
    ...(inner.gid === undefined ? {} : { gid: inner.gid }),
    ...(inner.timeout === undefined ? {} : { timeout: inner.timeout }),
    // A tmpfs knows its size itself.
    ...(driver === "local" && asked["type"] !== "tmpfs" ? { limits: limitsOf(asked, inner) } : {}),
  };
}

/** Limits may stand beside `o` too, where nothing is mounted that would take them for its own. */
function limitsOf({ type, size, inodes }: Readonly<Record<string, string>>, { limits, shown }: InnerOptions): ProjectAmounts {
  if (type !== undefined || shown["NOQUOTA"] !== undefined) return limits;
  return {
    bytes: size === undefined ? limits.bytes : volumeSize(size),
    inodes: inodes === undefined ? limits.inodes : wholeNumber("inodes", inodes, "inodes"),
  };
}

interface InnerOptions {
  /** What is left of `o` for mount(8). */
  readonly text: string;
  /** Upper-case keys by which inspect shows what podman itself reads. */
  readonly shown: Readonly<Record<string, string>>;
  readonly limits: ProjectAmounts;
  readonly uid?: number;
  readonly gid?: number;
  readonly timeout?: number;
}

function readInner(text: string | undefined): InnerOptions {
  const kept: string[] = [];
  const shown: Record<string, string> = {};
  const numbers: { uid?: number; gid?: number; timeout?: number } = {};
  const limits = { bytes: 0, inodes: 0 };
  for (const option of (text ?? "").split(",").filter((part) => part !== "")) {
    const equals = option.indexOf("=");
    const key = (equals < 0 ? option : option.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? undefined : option.slice(equals + 1);
    switch (key) {
      case "uid":
      case "gid":
        numbers[key] = wholeNumber(key, value, key.toUpperCase());
        break;
      case "timeout":
        numbers.timeout = wholeNumber(key, value, "Timeout");
        continue;
      case "size":
        limits.bytes = volumeSize(value ?? "");
        break;
      case "inodes":
        limits.inodes = wholeNumber(key, value, "inodes");
        break;
      case "noquota":
        shown["NOQUOTA"] = "true";
        continue;
      default:
        kept.push(option);
        continue;
    }
    shown[key.toUpperCase()] = value ?? "";
    kept.push(option);
  }
  return { text: kept.join(","), shown, limits, ...numbers };
}

/** Powers of 1000, unlike the sizes of containers' layers. */
function volumeSize(text: string): number {
  const bytes = parseDecimalSize(text);
  if (bytes === undefined) throw invalid(`cannot convert size ${text} to integer: invalid size: '${text}'`);
  return bytes;
}

function wholeNumber(key: string, value: string | undefined, name: string): number {
  if (value === undefined)
    throw invalid(`${key} option must provide a ${key === "timeout" ? "valid timeout in seconds" : key.toUpperCase()}: invalid argument`);
  if (!/^\d+$/.test(value)) throw invalid(`cannot convert ${name} ${value} to integer: invalid syntax`);
  return Number(value);
}

const LOCAL_KEYS = new Set(["device", "o", "type", "uid", "gid", "size", "inodes", "noquota", "copy", "nocopy"]);

function checkLocal(options: Readonly<Record<string, string>>, { shown, limits }: InnerOptions): void {
  for (const key of Object.keys(options))
    if (!LOCAL_KEYS.has(key.toLowerCase())) throw invalid(`invalid mount option ${key} for driver 'local': invalid argument`);
  const { device, type } = options;
  if (type === "bind" && device !== undefined && !existsSync(device))
    throw new ToolError("not-found", `invalid volume option device for driver 'local': faccessat ${device}: no such file or directory`, {
      exitCode: 125,
    });
  if (shown["NOQUOTA"] !== undefined && (limits.bytes > 0 || limits.inodes > 0))
    throw invalid("volume options size and inodes cannot be used without quota");
  if (type === "tmpfs" && limits.inodes > 0) throw invalid("volume option inodes not supported on tmpfs filesystem");
}

function checkImage(options: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(options))
    if (key !== "image") throw invalid(`invalid mount option ${key} for driver 'image': invalid argument`);
  if (!options["image"]) throw invalid("must provide an image name when creating a volume with the image driver: invalid argument");
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}
