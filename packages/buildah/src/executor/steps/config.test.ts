import { describe, expect, it } from "vitest";
import { resolveStep } from "../../containerfile/instructions/step.ts";
import { parseContainerfile } from "../../containerfile/parser/parse.ts";
import { newStageArguments } from "../../plan/build-variables.ts";
import { scratchConfig } from "../../working-container/image-config.ts";
import { imageEnvironment, type StageState, startState, stepEnvironment } from "../stage-state.ts";
import { applyConfigStep } from "./config.ts";

function apply(text: string, base = scratchConfig()): StageState {
  const state = startState(
    base,
    newStageArguments({ given: new Map(), heading: new Map(), platform: new Map([["TARGETARCH", "arm64"]]) }),
    { inheritLabels: true },
  );
  for (const node of parseContainerfile(text).instructions) applyConfigStep(state, resolveStep(node, stepEnvironment(state)));
  return state;
}

describe("config instructions", () => {
  it("set what they say", () => {
    const state = apply(`ENV A=1 B=$A
ENV C=\${A}x
LABEL l="$A y"
WORKDIR /a
WORKDIR b
EXPOSE 80 81/udp
VOLUME /v
USER u:g
STOPSIGNAL SIGINT
SHELL ["/bin/bash", "-c"]
HEALTHCHECK --interval=1m30s --retries=2 CMD curl x
ENTRYPOINT run it
CMD ["x"]
ONBUILD RUN y`);
    expect(imageEnvironment(state)).toEqual(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=1", "B=", "C=1x"]);
    expect(Object.fromEntries(state.labels)).toEqual({ l: "1 y" });
    expect(state.workingDir).toBe("/a/b");
    expect([...state.exposedPorts]).toEqual(["80/tcp", "81/udp"]);
    expect(state).toMatchObject({
      user: "u:g",
      stopSignal: "SIGINT",
      shell: ["/bin/bash", "-c"],
      entrypoint: ["/bin/sh", "-c", "run it"],
      cmd: ["x"],
      onBuild: ["RUN y"],
    });
    expect(state.healthcheck).toMatchObject({ test: ["CMD-SHELL", "curl x"], interval: 90e9, retries: 2 });
  });

  it("let ENTRYPOINT drop an inherited CMD, but not the stage's own", () => {
    const base = { ...scratchConfig(), cmd: ["old"] };
    expect(apply('ENTRYPOINT ["e"]', base).cmd).toEqual([]);
    expect(apply('CMD ["new"]\nENTRYPOINT ["e"]', base).cmd).toEqual(["new"]);
  });

  it("keep the order of the base's variables", () => {
    const base = { ...scratchConfig(), env: ["PATH=/p", "X=1", "Y=2"] };
    expect(imageEnvironment(apply("ENV X=9", base))).toEqual(["PATH=/p", "Y=2", "X=9"]);
  });

  it("know the platform once it is declared", () => {
    expect(imageEnvironment(apply("ARG TARGETARCH\nENV T=$TARGETARCH")).at(-1)).toBe("T=arm64");
    expect(imageEnvironment(apply("ENV T=$TARGETARCH")).at(-1)).toBe("T=");
  });

  it.each(["STOPSIGNAL NOSUCH", "HEALTHCHECK --retries=0 CMD x", "HEALTHCHECK FOO", "SHELL x", "ONBUILD FROM x", "WORKDIR", 'VOLUME [""]'])(
    "refuse %s",
    (text) => {
      expect(() => apply(text)).toThrow();
    },
  );
});
