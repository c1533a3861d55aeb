import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { runSync } from "@containers/common/process/run";
import type { SecretDriver } from "./secret-driver.ts";

const OPTIONS = ["root", "key", "gpghomedir"];
/** Where pass and gopass keep what they keep. */
const USUAL_PLACES = [".password-store", ".local/share/gopass/stores/root"];

/** The `pass` driver: a file per secret, encrypted by gpg for the key of a password store (`.gpg-id`). */
export function passDriver(options: Readonly<Record<string, string>>): SecretDriver {
  const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined) throw new ToolError("invalid-argument", `invalid pass driver option: ${JSON.stringify(unknown)}`);
  const root = options["root"] ?? usualRoot();
  if (root === undefined)
    throw new ToolError("invalid-argument", "the secret driver pass finds no password store", {
      hint: "name it with --driver-opts root=DIRECTORY",
    });
  const gpg = (args: readonly string[], input?: Uint8Array) =>
    runSync(
      "gpg",
      [...(options["gpghomedir"] ? ["--homedir", options["gpghomedir"]] : []), "--batch", ...args],
      input === undefined ? {} : { input },
    );
  const pathOf = (id: string): string => `${resolve(root)}/${id}.gpg`;
  return {
    store(id, data) {
      const key = options["key"] ?? keyOf(root);
      if (key === undefined)
        throw new ToolError("invalid-argument", `the password store ${root} names no key in .gpg-id`, {
          hint: "name it with --driver-opts key=ID",
        });
      mkdirSync(root, { recursive: true, mode: 0o700 });
      const result = gpg(["--encrypt", "-r", key, "-o", pathOf(id)], data);
      if (result.exitCode !== 0)
        throw new ToolError("unavailable", `encrypting secret ${id} by gpg for ${key}: ${result.stderr.toString().trim()}`);
    },
    read(id) {
      const result = existsSync(pathOf(id)) ? gpg(["--decrypt", pathOf(id)]) : undefined;
      if (result === undefined || result.exitCode !== 0 || result.stdout.length === 0) {
        const told = result?.stderr.toString().trim() ?? "";
        throw new ToolError("not-found", `${id}: no such secret${told === "" ? "" : `: ${told}`}`, { exitCode: 125 });
      }
      return result.stdout;
    },
    delete(id) {
      if (!existsSync(pathOf(id))) throw new ToolError("not-found", `${id}: no such secret`, { exitCode: 125 });
      rmSync(pathOf(id));
    },
  };
}

function usualRoot(): string | undefined {
  return USUAL_PLACES.map((place) => `${homedir()}/${place}`).find((path) => existsSync(path));
}

/** A store below another one uses its key. */
function keyOf(root: string): string | undefined {
  for (let at = resolve(root); at.length > 1; at = dirname(at)) {
    if (existsSync(`${at}/.gpg-id`)) return readFileSync(`${at}/.gpg-id`, "utf8").split(/[\r\n]/)[0];
  }
  return undefined;
}
