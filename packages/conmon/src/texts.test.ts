import { expect, it } from "vitest";
import { parseControlLine, parseWindowSize } from "./control/messages.ts";
import { parseLogPaths } from "./logs/log-driver.ts";
import { oomCount } from "./oom/cgroup-v2.ts";
import { controllerPath, unifiedPath } from "./oom/watch-oom.ts";
import { parseOptions } from "./options.ts";
import { runtimeArguments } from "./runtime-args.ts";
import { allowedLines } from "./sd-notify.ts";
import { escapeJson } from "./sync-pipe.ts";

it("parses control lines", () => {
  expect(parseControlLine("1 24 80")).toEqual({ kind: "resize", rows: 24, columns: 80 });
  expect(parseControlLine("2 0 0")).toEqual({ kind: "reopen-logs" });
  expect(parseControlLine("3 0 0")).toEqual({ kind: "reload-periodic" });
  for (const line of ["", "1 24", "4 1 1", "1 -1 5", "1 99999 1", "x"]) expect(parseControlLine(line)).toBeUndefined();
  expect(parseWindowSize("50 132")).toEqual({ rows: 50, columns: 132 });
});

it("parses log paths", () => {
  expect(parseLogPaths(["k8s-file:/a:b"])).toEqual({ k8sFile: "/a:b", journald: false, passthrough: false });
  expect(parseLogPaths(["/just/a/path"]).k8sFile).toBe("/just/a/path");
  expect(parseLogPaths([":none"]).k8sFile).toBe("none");
  expect(parseLogPaths(["json-file:/j", "journald", "none"])).toEqual({ k8sFile: "/j", journald: true, passthrough: false });
  expect(parseLogPaths(["passthrough"]).passthrough).toBe(true);
  expect(() => parseLogPaths(["k8s-file"])).toThrow("k8s-file requires a filename");
  expect(() => parseLogPaths(["splunk:x"])).toThrow("No such log driver splunk");
  expect(() => parseLogPaths([""])).toThrow("must not be empty");
});

it("escapes messages as JSON", () => {
  const nasty = 'a"b\\c\n\t\u0001\u001b\u007f é/';
  expect(JSON.parse(`"${escapeJson(nasty)}"`)).toBe(nasty);
});

it("builds the runtime's command lines", () => {
  const base = ["-c", "ID", "-u", "u", "-r", "/crun", "-l", "off", "-b", "/b", "-p", "/pid", "-s", "--runtime-arg", "--debug"];
  expect(argvOf([...base, "--no-pivot"], undefined)).toBe(
    "/crun --systemd-cgroup --debug create --bundle /b --pid-file /pid --no-pivot ID",
  );
  expect(argvOf([...base, "--restore", "/img", "--runtime-opt", "--tcp-established"], "/cs")).toBe(
    "/crun --systemd-cgroup --debug restore --bundle /b --pid-file /pid --detach --image-path /img --work-path /b --tcp-established --console-socket /cs ID",
  );
  expect(argvOf([...base, "-e", "--exec-process-spec", "/spec"], undefined)).toBe(
    "/crun --debug exec --pid-file /pid --process /spec --detach ID",
  );
});

it("finds cgroups", () => {
  const hybrid = "12:cpu,cpuacct:/x\n5:memory:/m:y\n1:name=systemd:/s\n0::/unified\n";
  expect(controllerPath(hybrid, "memory")).toBe("/m:y");
  expect(controllerPath(hybrid, "pids")).toBeUndefined();
  expect(unifiedPath(hybrid)).toBe("/unified");
  expect(oomCount("low 0\noom 1\noom_kill 2\noom_group_kill 9\n")).toBe(3);
});

it("passes on only harmless notifications", () => {
  expect(allowedLines("READY=1\nMAINPID=5\r\nSTATUS=up\nFDSTORE=1\n")).toBe("READY=1\nSTATUS=up");
  expect(allowedLines("READY=0")).toBe("");
});

function argvOf(argv: string[], consoleSocket: string | undefined): string {
  const invocation = parseOptions(argv, "/cwd");
  return "run" in invocation ? runtimeArguments(invocation.run, consoleSocket).join(" ") : "";
}
