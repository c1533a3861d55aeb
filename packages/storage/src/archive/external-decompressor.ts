import { spawn } from "node:child_process";
import { ToolError } from "@containers/common/errors/tool-error";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { ByteStream } from "../store.ts";

/** Uncompresses with the host's `xz` or `bzip2`, as the runtime has neither; throws `unavailable` when the program is missing. */
export async function* externalDecompressor(source: ByteStream, program: "xz" | "bzip2"): ByteStream {
  const child = spawn(program, ["-d", "-c", "-q"], { stdio: ["pipe", "pipe", "ignore"] });
  let failure: unknown;
  const exited = new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      failure = error;
      resolve(null);
    });
    child.once("close", (code) => resolve(code));
  });
  child.stdin.on("error", () => undefined);
  const fed = feed(source, child.stdin).catch((error: unknown) => {
    failure ??= error;
    child.kill();
  });
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    await fed;
    const code = await exited;
    if (failure !== undefined) throw failure;
    if (code !== 0) throw new ToolError("corrupt", `invalid ${program} data`);
  } catch (error) {
    if (errnoCode(error) !== "ENOENT") throw error;
    const hint = program === "xz" ? "install the package xz-utils" : "install the package bzip2";
    throw new ToolError("unavailable", `${program}-compressed data needs the program ${program}`, { hint });
  } finally {
    child.kill();
  }
}

async function feed(source: ByteStream, stdin: NodeJS.WritableStream): Promise<void> {
  for await (const chunk of source) {
    if (!stdin.write(chunk)) await new Promise<void>((resolve) => stdin.once("drain", resolve).once("close", resolve));
  }
  stdin.end();
}
