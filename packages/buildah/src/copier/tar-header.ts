import type { CopyEntry } from "./entry.ts";

const TYPE_FLAGS = { file: "0", hardlink: "1", symlink: "2", char: "3", block: "4", directory: "5", fifo: "6" } as const;

/**
 * The header blocks of an entry as Go's archive/tar writes them with its times zeroed. Only hashed, never stored: the
 * digest in a COPY's history entry is over these bytes, and must equal the original's for its cache to be used.
 */
export function digestHeader(entry: CopyEntry): Buffer {
  const name = entry.type === "directory" ? `${entry.name}/` : entry.name;
  const split = splitName(name);
  const records = new Map<string, string>();
  if (split === undefined || !isAscii(name)) records.set("path", name);
  if (entry.linkName.length > 100 || !isAscii(entry.linkName)) records.set("linkpath", entry.linkName);
  if (entry.size > 0o77777777777) records.set("size", String(entry.size));
  if (entry.uid > 0o7777777) records.set("uid", String(entry.uid));
  if (entry.gid > 0o7777777) records.set("gid", String(entry.gid));
  for (const [key, value] of entry.xattrs) records.set(`SCHILY.xattr.${key}`, Buffer.from(value).toString("latin1"));
  const main = block({
    ...entry,
    name: split?.name ?? toAscii(name).slice(0, 100),
    prefix: split?.prefix ?? "",
    flag: TYPE_FLAGS[entry.type],
  });
  return records.size === 0 ? main : Buffer.concat([...paxBlocks(name, records), main]);
}

/** Zeros after content of the given size, up to the next full block. */
export function padding(size: number): Buffer {
  return Buffer.alloc((512 - (size % 512)) % 512);
}

interface BlockFields extends Pick<CopyEntry, "mode" | "uid" | "gid" | "size" | "linkName" | "deviceMajor" | "deviceMinor"> {
  readonly name: string;
  readonly prefix: string;
  readonly flag: string;
  readonly userName?: string;
  readonly groupName?: string;
  readonly gnu?: boolean;
}

function block(fields: BlockFields): Buffer {
  const header = Buffer.alloc(512);
  header.write(toAscii(fields.name).slice(0, 100), 0, "latin1");
  octal(header, { at: 100, length: 8, value: fields.mode });
  octal(header, { at: 108, length: 8, value: fields.uid > 0o7777777 ? 0 : fields.uid });
  octal(header, { at: 116, length: 8, value: fields.gid > 0o7777777 ? 0 : fields.gid });
  octal(header, { at: 124, length: 12, value: fields.size > 0o77777777777 ? 0 : fields.size });
  octal(header, { at: 136, length: 12, value: 0 });
  header.write("        ", 148, "latin1");
  header.write(fields.flag, 156, "latin1");
  header.write(toAscii(fields.linkName).slice(0, 100), 157, "latin1");
  header.write(fields.gnu === true ? "ustar  \u0000" : "ustar\u000000", 257, "latin1");
  header.write(fields.userName ?? "", 265, "latin1");
  header.write(fields.groupName ?? "", 297, "latin1");
  octal(header, { at: 329, length: 8, value: fields.deviceMajor });
  octal(header, { at: 337, length: 8, value: fields.deviceMinor });
  header.write(fields.prefix, 345, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return header;
}

function octal(header: Buffer, field: { readonly at: number; readonly length: number; readonly value: number }): void {
  header.write(field.value.toString(8).padStart(field.length - 1, "0"), field.at, "latin1");
}

/** A long name is cut at a slash into prefix and name, where both parts fit. */
function splitName(name: string): { readonly name: string; readonly prefix: string } | undefined {
  if (name.length <= 100) return { name, prefix: "" };
  if (!isAscii(name)) return undefined;
  let length = name.length;
  if (length > 156) length = 156;
  else if (name.endsWith("/")) length--;
  const slash = name.slice(0, length).lastIndexOf("/");
  if (slash <= 0 || name.length - slash - 1 > 100 || name.length - slash - 1 === 0 || slash > 155) return undefined;
  return { name: name.slice(slash + 1), prefix: name.slice(0, slash) };
}

function paxBlocks(name: string, records: ReadonlyMap<string, string>): Buffer[] {
  const keys = [...records.keys()].sort();
  const body = Buffer.concat(keys.map((key) => paxRecord(key, records.get(key) ?? "")));
  const slash = name.replace(/\/$/, "").lastIndexOf("/");
  const clean = name.replace(/\/$/, "");
  const paxName = `${slash === -1 ? "" : `${clean.slice(0, slash)}/`}PaxHeaders.0/${clean.slice(slash + 1)}`;
  const fields = { mode: 0, uid: 0, gid: 0, size: body.length, linkName: "", deviceMajor: 0, deviceMinor: 0 };
  return [block({ ...fields, name: toAscii(paxName).slice(0, 100), prefix: "", flag: "x" }), body, padding(body.length)];
}

function paxRecord(key: string, value: string): Buffer {
  const encoding = key.startsWith("SCHILY.xattr.") ? "latin1" : "utf8";
  const bytes = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value, encoding), Buffer.from("\n")]);
  let length = bytes.length + String(bytes.length).length;
  if (String(length).length + bytes.length !== length) length = bytes.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), bytes]);
}

function isAscii(text: string): boolean {
  return /^[\x01-\x7f]*$/.test(text);
}

function toAscii(text: string): string {
  return text.replace(/[^\x01-\x7f]/gu, "");
}
