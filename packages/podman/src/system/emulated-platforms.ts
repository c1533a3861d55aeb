import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What an ELF header of a platform's programs says: class (1 is 32 bits, 2 is 64), byte order (1 little, 2 big) and machine, after elf(5). */
interface ElfPlatform {
  readonly platform: string;
  readonly class: 1 | 2;
  readonly data: 1 | 2;
  readonly machines: readonly number[];
}

const platforms: readonly ElfPlatform[] = [
  { platform: "linux/386", class: 1, data: 1, machines: [3] },
  { platform: "linux/amd64", class: 2, data: 1, machines: [62] },
  { platform: "linux/arm", class: 1, data: 1, machines: [40] },
  { platform: "linux/arm64", class: 2, data: 1, machines: [183] },
  { platform: "linux/arm64be", class: 2, data: 2, machines: [183] },
  { platform: "linux/loong64", class: 2, data: 1, machines: [258] },
  { platform: "linux/mips", class: 1, data: 2, machines: [8] },
  { platform: "linux/mips64", class: 2, data: 2, machines: [8] },
  { platform: "linux/mips64le", class: 2, data: 1, machines: [8, 10] },
  { platform: "linux/mipsle", class: 1, data: 1, machines: [8, 10] },
  { platform: "linux/ppc", class: 1, data: 2, machines: [20] },
  { platform: "linux/ppc64", class: 2, data: 2, machines: [21] },
  { platform: "linux/ppc64le", class: 2, data: 1, machines: [21] },
  { platform: "linux/riscv32", class: 1, data: 1, machines: [243] },
  { platform: "linux/riscv64", class: 2, data: 1, machines: [243] },
  { platform: "linux/s390x", class: 2, data: 2, machines: [22] },
];

/**
 * The platforms whose programs the kernel runs through an emulator in containers too, sorted: entries of binfmt_misc that are enabled and
 * whose interpreter is opened at registration (flag F). Empty where binfmt_misc is not mounted or switched off.
 */
export function emulatedPlatforms(directory = "/proc/sys/fs/binfmt_misc"): string[] {
  try {
    if (readFileSync(join(directory, "status"), "utf8").trim() !== "enabled") return [];
    const entries = readdirSync(directory).filter((name) => name !== "status" && name !== "register");
    const found = entries.flatMap((name) => emulatedBy(readFileSync(join(directory, name), "utf8")));
    return [...new Set(found)].sort();
  } catch {
    return [];
  }
}

/** What one entry emulates, in the form in which the kernel shows it (binfmt_misc.rst). */
function emulatedBy(entry: string): string[] {
  const fields = new Map(entry.split("\n").map((line) => [line.split(/[\s:]+/, 1)[0] ?? "", line.replace(/^\S+\s*/, "")]));
  const magic = Buffer.from(fields.get("magic") ?? "", "hex");
  const mask = Buffer.from(fields.get("mask") ?? "", "hex");
  if (fields.has("disabled") || magic.length === 0 || mask.length === 0 || fields.get("flags")?.includes("F") !== true) return [];
  const offset = Number(fields.get("offset") ?? 0);
  return platforms
    .filter((one) => headersOf(one).some((header) => matches(header, { offset, magic, mask })))
    .map(({ platform }) => platform);
}

function headersOf({ class: elfClass, data, machines }: ElfPlatform): Buffer[] {
  return machines.map((machine) => {
    const header = Buffer.alloc(64);
    header.set([0x7f, 0x45, 0x4c, 0x46, elfClass, data, 1]);
    const put = (value: number, at: number) => (data === 1 ? header.writeUInt16LE(value, at) : header.writeUInt16BE(value, at));
    put(2, 16);
    put(machine, 18);
    if (data === 1) header.writeUInt32LE(1, 20);
    else header.writeUInt32BE(1, 20);
    return header;
  });
}

function matches(header: Buffer, entry: { readonly offset: number; readonly magic: Buffer; readonly mask: Buffer }): boolean {
  return entry.magic.every((byte, index) => {
    const bits = entry.mask[index] ?? 0xff;
    return ((header[entry.offset + index] ?? 0) & bits) === (byte & bits);
  });
}
