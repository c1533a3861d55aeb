import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";

export interface ResolvedSecrets {
  /** What the service is told: `id=NAME,src=FILE`, where FILE comes with the context. */
  readonly flags: readonly string[];
  /** What goes into the context for it; the service takes it out again before the build. */
  readonly files: ReadonlyArray<{ readonly name: string; readonly path: string }>;
  close(): void;
}

/** Reads what `--secret` names (files, variables) on this machine: the service has neither. @throws invalid-argument, not-found */
export function resolveSecrets(secrets: readonly string[]): ResolvedSecrets {
  if (secrets.length === 0) return { flags: [], files: [], close: () => undefined };
  const directory = mkdtempSync(join(tmpdir(), "podman-build-secrets-"));
  const close = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const files = secrets.map((secret, index) => {
      const { id, content } = resolve(secret);
      const name = `.podman-build-secret-${index}-${directory.slice(-6)}`;
      const path = join(directory, name);
      writeFileSync(path, content, { mode: 0o600 });
      return { id, name, path };
    });
    return { flags: files.map(({ id, name }) => `id=${id},src=${name}`), files, close };
  } catch (error) {
    close();
    throw error;
  }
}

function resolve(secret: string): { readonly id: string; readonly content: Uint8Array } {
  const words = new Map(secret.split(",").map((word) => [word.split("=", 1)[0] ?? "", word.slice(word.indexOf("=") + 1)] as const));
  const unknown = [...words.keys()].find((key) => !["id", "src", "source", "env", "type"].includes(key));
  const id = words.get("id") ?? "";
  if (unknown !== undefined || id === "")
    throw new ToolError("invalid-argument", `incorrect secret flag format: ${JSON.stringify(secret)}`);
  const file = words.get("src") ?? words.get("source");
  const variable = words.get("env") ?? (file === undefined && process.env[id] !== undefined ? id : undefined);
  if (variable !== undefined && file === undefined) return { id, content: Buffer.from(process.env[variable] ?? "") };
  try {
    return { id, content: readFileSync(file ?? id) };
  } catch (error) {
    throw wrapError(`could not parse secrets: reading ${file ?? id}`, error);
  }
}
