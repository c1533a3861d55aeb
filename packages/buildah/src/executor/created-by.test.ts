import { describe, expect, it } from "vitest";
import { resolveStep } from "../containerfile/instructions/step.ts";
import { parseContainerfile } from "../containerfile/parser/parse.ts";
import { newStageArguments } from "../plan/build-variables.ts";
import { scratchConfig } from "../working-container/image-config.ts";
import type { BuildOptions } from "./build-options.ts";
import { createdBy } from "./created-by.ts";
import { startState, stepEnvironment } from "./stage-state.ts";
import { applyConfigStep } from "./steps/config.ts";

const options = {
  unsetLabels: [],
  inheritLabels: true,
  unsetAnnotations: [],
  inheritAnnotations: true,
  annotations: [],
  rewriteTimestamp: false,
} as unknown as BuildOptions;

/** History texts of a stage's instructions, as a build would write them. */
function notes(text: string, overrides: Partial<BuildOptions> = {}, given: Record<string, string> = {}): string[] {
  const state = startState(
    scratchConfig(),
    newStageArguments({ given: new Map(Object.entries(given)), heading: new Map(), platform: new Map() }),
    { inheritLabels: true },
  );
  const declared = new Set<string>();
  const { instructions } = parseContainerfile(text);
  return instructions.map((node, index) => {
    applyConfigStep(state, resolveStep(node, stepEnvironment(state)));
    if (node.keyword === "arg") for (const word of node.args) declared.add(word);
    return createdBy(node, {
      state,
      options: { ...options, ...overrides },
      content: "file:abc",
      last: index === instructions.length - 1,
      declared,
      mountSums: "",
    });
  });
}

describe("createdBy", () => {
  it("is the original's text", () => {
    expect(notes('ENV A=1 B="two words"\nCOPY a b /dest/\nRUN echo $A && true\nCMD ["x"]')).toEqual([
      '/bin/sh -c #(nop) ENV A=1 B="two words"',
      "/bin/sh -c #(nop) COPY file:abc in /dest/      ",
      "/bin/sh -c echo $A && true",
      '/bin/sh -c #(nop) CMD ["x"]',
    ]);
  });

  it("lists the build arguments in use", () => {
    expect(notes("ARG FOO=1\nARG BAR\nARG B=2\nRUN x", {}, { FOO: "9" })).toEqual([
      "/bin/sh -c #(nop) ARG FOO",
      "/bin/sh -c #(nop) ARG FOO",
      "/bin/sh -c #(nop) ARG B FOO",
      "|2 B=2 FOO=9 /bin/sh -c x",
    ]);
    expect(notes("ARG A=1\nENV A=env\nRUN x").at(-1)).toBe("|1 A=env /bin/sh -c x");
    expect(notes("RUN x", {}, { http_proxy: "p" })).toEqual(["/bin/sh -c x"]);
  });

  it("holds here-documents", () => {
    expect(notes("RUN <<EOF\necho a\necho b\nEOF\n")).toEqual(["/bin/sh -c <<EOF\necho a\necho b"]);
  });

  it("notes flags that change the image", () => {
    expect(notes("COPY a /b\nCMD x", { timestamp: 0, annotations: ["a=b"] })).toEqual([
      "/bin/sh -c #(nop) COPY file:abc in /b     |force-mtime=0 ",
      "/bin/sh -c #(nop) CMD x|force-mtime=0a=b",
    ]);
  });
});
