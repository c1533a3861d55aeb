import { describe, expect, it } from "vitest";
import { parseContainerfile } from "../containerfile/parser/parse.ts";
import { platformArguments } from "./build-variables.ts";
import { argumentsForStage, planStages } from "./stages.ts";

const platform = platformArguments({ os: "linux", architecture: "arm64", variant: "v8" });

function plan(text: string, options: { target?: string; args?: Record<string, string>; from?: string } = {}) {
  return planStages(parseContainerfile(text).instructions, {
    buildArguments: new Map(Object.entries(options.args ?? {})),
    platformArguments: platform,
    ...(options.target === undefined ? {} : { target: options.target }),
    ...(options.from === undefined ? {} : { from: options.from }),
  });
}

describe("planStages", () => {
  const three = "FROM a AS one\nFROM b AS two\nFROM one\nCOPY --from=0 /x /y\n";

  it("skips what the target does not need", () => {
    expect([...plan(three).needed].sort()).toEqual([0, 2]);
    expect(plan(three, { target: "two" }).stages.map((stage) => stage.name)).toEqual(["one", "two"]);
    expect([...plan(three, { target: "1" }).needed]).toEqual([1]);
    expect(() => plan(three, { target: "zz" })).toThrow("not found");
  });

  it("counts RUN mounts and --after as needs", () => {
    const text = "FROM a AS one\nFROM a AS two\nFROM --after=two b\nRUN --mount=type=bind,from=one,target=/m true\n";
    expect([...plan(text).needed].sort()).toEqual([0, 1, 2]);
  });

  it("puts arguments into FROM", () => {
    const text = "ARG BASE=x\nARG TAG=${BASE}1\nFROM ${BASE}:${TAG}\n";
    expect(plan(text).stages[0]?.base).toBe("x:x1");
    expect(plan(text, { args: { BASE: "y" } }).stages[0]?.base).toBe("y:y1");
    expect(plan("FROM img-$TARGETARCH").stages[0]?.base).toBe("img-arm64");
    expect(plan("FROM a", { from: "other" }).stages[0]?.base).toBe("other");
    expect(() => plan("FROM $NOPE")).toThrow();
  });

  it("asks for a FROM", () => {
    expect(() => plan("RUN true")).toThrow("requires a FROM");
    expect(() => plan("RUN true\nFROM x")).toThrow("requires a FROM");
    expect(() => plan("FROM a b c")).toThrow("parsing Containerfile line 1");
  });
});

it("hands arguments of a stage to those based on it", () => {
  const planned = plan("ARG TOP=t\nFROM a AS one\nARG X=1\nARG TOP\nFROM one\nRUN true\n");
  const stage = planned.stages[1];
  if (stage === undefined) throw new Error("no second stage");
  const args = argumentsForStage(stage, planned.stages, { given: new Map(), heading: planned.heading, platform });
  expect(args.values.get("X")).toBe("1");
  expect(args.values.get("TOP")).toBe("t");
});
