import { ToolError } from "../errors/tool-error.ts";
import type { Sys } from "../sys/sys.ts";
import { DbusWriter } from "./dbus-message.ts";
import { callManager, type ManagerCall } from "./systemd-manager.ts";

/** Resource properties of a slice, by systemd's names (org.freedesktop.systemd1.Slice). */
export interface SliceLimits {
  /** Bytes, weights and microseconds; Infinity for no limit. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Sets of processors or memory nodes, a bit each, lowest first. */
  readonly sets: Readonly<Record<string, Uint8Array>>;
  /** Values by path of a block device. */
  readonly devices: Readonly<Record<string, ReadonlyArray<readonly [path: string, value: number]>>>;
}

export interface SliceRequest {
  /** `NAME.slice`. */
  readonly unit: string;
  /** The manager's own socket: the system's, or that of the user's manager. */
  readonly socket: string;
  readonly limits: SliceLimits;
}

/** Makes a transient slice with limits; one that is there already has them. @throws unavailable when systemd refuses */
export function startSlice(sys: Sys, request: SliceRequest): void {
  try {
    callManager(sys, request.socket, { calls: [startTransientUnit(request)], doing: `to make ${request.unit}` });
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== "org.freedesktop.systemd1.UnitExists") throw error;
  }
}

/** Ends a slice that was made with {@link startSlice}. No error when there is none. */
export function stopSlice(sys: Sys, socket: string, unit: string): void {
  const body = new DbusWriter().string(unit).string("replace").bytes();
  try {
    callManager(sys, socket, { calls: [{ member: "StopUnit", signature: "ss", body }], doing: `to stop ${unit}` });
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== "org.freedesktop.systemd1.NoSuchUnit") throw error;
  }
}

/** `0-2,5` as the bytes of a set. */
export function rangeBits(ranges: string): Uint8Array {
  const bits: number[] = [];
  for (const range of ranges.split(",").map((text) => text.trim())) {
    if (range === "") continue;
    const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range) ?? [];
    if (from === undefined || Number(from) > Number(to)) throw new ToolError("invalid-argument", `invalid range: ${range}`);
    for (let bit = Number(from); bit <= Number(to); bit += 1) bits.push(bit);
  }
  const bytes = new Uint8Array(Math.floor(Math.max(0, ...bits) / 8) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  return bytes;
}

function startTransientUnit({ unit, limits }: SliceRequest): ManagerCall {
  const body = new DbusWriter().string(unit).string("fail");
  const property = (name: string, type: string, value: () => void): void => {
    body.align(8).string(name).signature(type);
    value();
  };
  body.array(8, () => {
    property("Description", "s", () => body.string(`cgroup ${unit}`));
    property("DefaultDependencies", "b", () => body.boolean(false));
    for (const name of ["MemoryAccounting", "CPUAccounting", "IOAccounting"]) property(name, "b", () => body.boolean(true));
    for (const [name, value] of Object.entries(limits.numbers)) property(name, "t", () => writeNumber(body, value));
    for (const [name, set] of Object.entries(limits.sets))
      property(name, "ay", () => body.array(1, () => set.forEach((byte) => void body.byte(byte))));
    for (const [name, values] of Object.entries(limits.devices))
      property(name, "a(st)", () => body.array(8, () => values.forEach(([path, value]) => void body.align(8).string(path).uint64(value))));
  });
  body.array(8, () => undefined);
  return { member: "StartTransientUnit", signature: "ssa(sv)a(sa(sv))", body: body.bytes() };
}

/** systemd's infinity is the largest number. */
function writeNumber(body: DbusWriter, value: number): void {
  if (value === Number.POSITIVE_INFINITY) body.align(8).uint32(0xffffffff).uint32(0xffffffff);
  else body.uint64(value);
}
