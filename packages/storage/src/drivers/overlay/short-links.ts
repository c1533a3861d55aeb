import fs from "node:fs";
import path from "node:path";
import { errnoCode } from "@containers/common/sys/sys-error";

/** Directory of the short links, below the driver's. */
export const LINK_DIRECTORY = "l";
const LINK_LENGTH = 26;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LINK_NAME = /^[A-Z2-7]+$/;

/** A new link name: 26 characters of base32. Long ids as mount options would not fit the kernel's page. */
export function newLinkName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(LINK_LENGTH)), (byte) => ALPHABET[byte & 31]).join("");
}

/** Makes `home/l/NAME` lead to a layer's files. */
export function createLink(home: string, name: string, id: string): void {
  fs.symlinkSync(path.join("..", id, "diff"), path.join(home, LINK_DIRECTORY, name));
}

/** The layer that a link of `home` leads to, or undefined when there is no such link. */
export function linkedLayer(home: string, link: string): string | undefined {
  try {
    return path.basename(path.dirname(fs.readlinkSync(path.join(home, link))));
  } catch (error) {
    if (errnoCode(error) === "ENOENT" || errnoCode(error) === "EINVAL") return undefined;
    throw error;
  }
}

/** The name of a layer's link; found among the links where a power cut has emptied the file that holds it. Undefined when there is none. */
export function linkNameOf(home: string, id: string): string | undefined {
  const name = readText(path.join(home, id, "link"))?.trim();
  if (name === undefined || LINK_NAME.test(name)) return name;
  return fs.readdirSync(path.join(home, LINK_DIRECTORY)).find((link) => linkedLayer(home, path.join(LINK_DIRECTORY, link)) === id);
}

/** Makes the links again that a power cut may have lost, out of the layers' own `link` files. */
export function restoreLinks(home: string): void {
  fs.mkdirSync(path.join(home, LINK_DIRECTORY), { recursive: true, mode: 0o755 });
  for (const id of fs.readdirSync(home)) {
    const name = readText(path.join(home, id, "link"))?.trim();
    if (name === undefined || !LINK_NAME.test(name)) continue;
    try {
      createLink(home, name, id);
    } catch (error) {
      if (errnoCode(error) !== "EEXIST") throw error;
    }
  }
}

/** A small file's text; undefined when it is missing. */
export function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (errnoCode(error) === "ENOENT" || errnoCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
