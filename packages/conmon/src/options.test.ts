import { expect, it } from "vitest";
import { helpText, type MonitorOptions, parseOptions } from "./options.ts";

const BASE = ["-c", "id", "-u", "uuid", "-r", "/bin/true", "-l", "off"];

it("reads long, short, glued and grouped options, and ignores what is left over", () => {
  const options = parsed([
    "--api-version",
    "1",
    "-cabc",
    "--cuuid=u",
    "-it",
    "-r",
    "/bin/crun",
    "-l",
    "k8s-file:/log",
    "-l",
    "none",
    "-T",
    "5",
    "-0",
    "/p",
    "--",
    "-x",
  ]);
  expect(options).toMatchObject({
    apiVersion: 1,
    cid: "abc",
    cuuid: "u",
    stdin: true,
    terminal: true,
    runtime: "/bin/crun",
    timeout: 5,
    persistDir: "/p",
  });
  expect(options.logPaths).toEqual(["k8s-file:/log", "none"]);
  expect(Object.isFrozen(options)).toBe(true);
});

it("has the original's defaults", () => {
  expect(parsed(BASE)).toMatchObject({
    apiVersion: 0,
    bundle: "/cwd",
    containerPidFile: "/cwd/pidfile-id",
    socketDir: "/var/run/crio",
    logSizeMax: -1,
  });
  expect(parsed([...BASE, "-e", "--exec-process-spec", "s"]).bundle).toBeUndefined();
  expect(parsed([...BASE, "--pidfile", "/old", "--restore-arg", "--tcp-established"])).toMatchObject({
    containerPidFile: "/old",
    runtimeOpts: ["--tcp-established"],
  });
});

it.each([
  [["--nope"], "Unknown option --nope"],
  [["-z"], "Unknown option -z"],
  [["--cid"], "Missing argument for --cid"],
  [[...BASE, "-T", "x"], "Cannot parse integer value “x” for --timeout"],
  [["-u", "u"], "Container ID not provided. Use --cid"],
  [["-c", "c"], "Container UUID not provided"],
  [["-c", "c", "-u", "u"], "Runtime path not provided"],
  [["-c", "c", "-u", "u", "-r", "/r"], "Log driver not provided"],
  [[...BASE, "-e"], "Exec process spec path not provided"],
  [[...BASE, "-e", "--restore", "x"], "Cannot use 'exec' and 'restore'"],
  [[...BASE, "--exec-attach"], "Attach can only be specified with exec"],
  [[...BASE, "-e", "--exec-attach"], "non-legacy exec session"],
  [[...BASE, "--exit-delay", "-1"], "greater than or equal to 0"],
  [[...BASE, "--seccomp-notify-socket", "/s"], "not supported"],
])("refuses %j", (argv, message) => {
  expect(() => parseOptions(argv, "/cwd")).toThrow(message);
});

it("prints help without hidden options", () => {
  expect(parseOptions(["--version"], "/")).toEqual({ print: "version" });
  expect(helpText()).toContain("-c, --cid");
  expect(helpText()).not.toContain("restore-arg");
});

function parsed(argv: readonly string[]): MonitorOptions {
  const invocation = parseOptions(argv, "/cwd");
  if (!("run" in invocation)) throw new Error("unexpected");
  return invocation.run;
}
