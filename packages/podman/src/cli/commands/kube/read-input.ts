import { readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { httpRequest } from "@containers/common/http/fetch";
import { errnoCode } from "@containers/common/sys/sys-error";

const LARGEST = 64 * 1024 * 1024;

/** The kube files that the arguments name, as one text: paths, URLs, or `-` alone for standard input. */
export async function readKubeInput(args: readonly string[]): Promise<string> {
  if (args.length === 1 && args[0] === "-") return readFileSync(0, "utf8");
  const texts: string[] = [];
  for (const arg of args) texts.push(/^https?:\/\//.test(arg) ? await download(arg) : readFile(arg));
  return texts.join("\n---\n");
}

/** @throws not-found as the original says it */
export function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = errnoCode(error);
    if (code === "EISDIR") throw new ToolError("invalid-argument", `read ${path}: is a directory`, { cause: error });
    if (code !== "ENOENT") throw error;
    throw new ToolError("not-found", `open ${path}: no such file or directory`, { exitCode: 125 });
  }
}

async function download(url: string): Promise<string> {
  const response = await httpRequest(url, { redirect: "follow" });
  const text = await response.text(LARGEST);
  if (response.status >= 200 && response.status < 300) return text;
  throw new ToolError("unavailable", `reading ${url}: the server answered ${response.status}`);
}
