import { readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { errnoCode } from "@containers/common/sys/sys-error";

/**
 * A file of secrets, which only this program and the original write; undefined when it is missing.
 *
 * @throws corrupt, naming the file, when a power cut has cut it short
 */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    throw new ToolError("corrupt", `${file} is not valid JSON`, { cause: error });
  }
}
