import { describe, expect, it } from "vitest";
import { printedError, wrapError } from "../errors/tool-error.ts";
import { runtimeError } from "./runtime-error.ts";

describe("runtimeError", () => {
  it("tells a command that is not there", () => {
    const error = runtimeError(
      "crun",
      '{"msg":"executable file `x` not found in $PATH: No such file or directory","level":"error","time":"t"}\n',
    );
    expect(error.exitCode).toBe(127);
    expect(error.message).toBe(
      "crun: executable file `x` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found",
    );
  });
  it("tells one that cannot be invoked", () => {
    const error = runtimeError("crun", "2026-01-01T00:00:00.123Z: the path `/etc` is not a regular file: Operation not permitted");
    expect(error).toMatchObject({
      exitCode: 126,
      message: "crun: the path `/etc` is not a regular file: Operation not permitted: OCI permission denied",
    });
  });
  it("takes the last error among warnings", () => {
    const log = '{"level":"warning","msg":"w1"}\n{"level":"error","msg":"broken"}\n{"level":"warning","msg":"w2"}\n';
    expect(runtimeError("runc", log)).toMatchObject({ exitCode: 126, message: "runc: broken: OCI runtime error" });
  });
  it("reads a record that newer crun spreads over lines", () => {
    const log =
      '{\n  "msg" : "executable file `x` not found in $PATH: No such file or directory",\n  "level" : "error",\n  "time" : "t"\n}\n';
    expect(runtimeError("crun", log).exitCode).toBe(127);
  });
  it("says something when the runtime says nothing", () => {
    expect(runtimeError("runc", "").message).toContain("said nothing");
  });
  it("is named first where a command prints it", () => {
    expect(printedError(wrapError("unable to start x", runtimeError("crun", "broken")))).toBe(
      "OCI runtime error: unable to start x: crun: broken",
    );
    expect(printedError(runtimeError("crun", "permission denied"))).toBe("crun: permission denied: OCI permission denied");
  });
});
