import { describe, expect, it } from "vitest";
import type { ProgramDefinition } from "../build-program.ts";
import { type CommandDefinition, defineCommand } from "../define-command.ts";
import { argumentKind } from "./argument-kind.ts";
import { completeLine } from "./complete.ts";
import type { CompletionRequest, CompletionSource } from "./completion-source.ts";
import { completionScript } from "./scripts.ts";

const stop = defineCommand({
  name: "stop",
  summary: "Stop containers",
  usage: "CONTAINER [CONTAINER...]",
  flags: {
    all: { type: "bool", short: "a", description: "All" },
    time: { type: "uint", short: "t", description: "Seconds" },
    cidfile: { type: "stringArray", description: "Read ids" },
    mode: { type: "string", choices: ["fast", "slow"], description: "How" },
    secret: { type: "string", hidden: true, description: "Hidden" },
  },
  args: { min: 1 },
  run: () => undefined,
});
const run = defineCommand({
  ...stop,
  name: "run",
  usage: "IMAGE [COMMAND [ARG...]]",
  stopAtFirstArgument: true,
});
const entry = (command: unknown, summary: string) => ({ summary, load: async () => command as CommandDefinition });
const program: ProgramDefinition = {
  name: "podman",
  version: "1",
  globalFlags: { root: { type: "string", description: "Directory" } },
  root: {
    name: "podman",
    summary: "",
    commands: {
      run: entry(run, "Run"),
      stop: { ...entry(stop, "Stop"), aliases: ["halt"] },
      inner: { ...entry(stop, "Hidden"), hidden: true },
      image: { group: { name: "image", summary: "Images", commands: { rm: entry(stop, "Remove") } } },
    },
  },
};

const asked: CompletionRequest[] = [];
const source: CompletionSource = {
  names: async (kind, request) => {
    asked.push(request);
    return [{ value: `${kind}-one` }, { value: `${kind}-two` }];
  },
};
async function complete(...words: string[]): Promise<string> {
  const { candidates, directive } = await completeLine(program, words, source);
  return `${candidates.map(({ value }) => value).join(" ")} :${directive}`;
}

describe("completion", () => {
  it("offers commands that are not hidden", async () => {
    expect(await complete("")).toBe("help image run stop :4");
    expect(await complete("st")).toBe("stop :4");
    expect(await complete("image", "")).toBe("rm :4");
    expect(await complete("nonsense", "")).toBe(" :0");
  });

  it("offers flags that are neither hidden nor given", async () => {
    expect(await complete("stop", "-")).toBe("--all -a --cidfile --mode --time -t :4");
    expect(await complete("stop", "--all", "--cidfile", "x", "--")).toBe("--cidfile --mode --time :4");
    expect(await complete("--r")).toBe("--root :4");
  });

  it("offers values of flags", async () => {
    expect(await complete("stop", "--mode", "")).toBe("fast slow :4");
    expect(await complete("stop", "--mode=s")).toBe("slow :4");
    expect(await complete("stop", "--time", "")).toBe(" :4");
    expect(await complete("stop", "--cidfile", "")).toBe(" :0");
  });

  it("offers names where the usage line has them", async () => {
    expect(await complete("--root", "/r", "halt", "-t", "3", "")).toBe("container-one container-two :4");
    expect(asked.at(-1)).toEqual({ commandPath: "podman stop", args: [], typed: "", globals: { root: "/r" } });
    expect(await complete("stop", "container-one", "container-t")).toBe("container-two :4");
    expect(await complete("run", "--", "")).toBe("image-one image-two :4");
    expect(await complete("run", "image-one", "--fl")).toBe(" :0");
  });

  it("reads usage lines", () => {
    expect(argumentKind("NETWORK CONTAINER", 1)).toMatchObject({ of: ["container"] });
    expect(argumentKind("NETWORK CONTAINER", 2)).toEqual({ kind: "none" });
    expect(argumentKind("{CONTAINER|IMAGE|NETWORK|POD|VOLUME} [...]", 3)).toMatchObject({
      of: ["container", "pod", "image", "network", "volume"],
    });
    expect(argumentKind("{bash|zsh}", 0)).toEqual({ kind: "words", words: ["bash", "zsh"] });
    expect(argumentKind("SOURCE-IMAGE DESTINATION-IMAGE", 1)).toMatchObject({ of: ["transport"] });
    expect(argumentKind("[CONTAINER:]SRC_PATH [CONTAINER:]DEST_PATH", 0)).toMatchObject({ of: ["container"], path: true });
    expect(argumentKind("TERM", 0)).toEqual({ kind: "text" });
    expect(argumentKind("", 0)).toEqual({ kind: "none" });
  });

  it.each(["bash", "zsh", "fish", "powershell"] as const)("has a script for %s", (shell) => {
    expect(completionScript(shell, "podman", true)).toMatch(/__complete\b/);
    expect(completionScript(shell, "podman", false)).toMatch(/__completeNoDesc\b/);
    expect(completionScript(shell, "podman", true)).not.toMatch(/PROGRAM|REQUEST|@\{/);
  });
});
