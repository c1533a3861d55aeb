import { describe, expect, it } from "vitest";
import type { RestartPolicy } from "../../container-spec/container-spec.ts";
import type { Engine } from "../../engine/engine.ts";
import { processStartTime } from "../../monitor/process-identity.ts";
import type { ContainerState } from "../state.ts";
import { INITIAL_STATE } from "../state.ts";
import { containerConfig } from "../testing/container-config.ts";
import { cleanupLocked, shouldRestart } from "./cleanup.ts";

const ended = (restart: RestartPolicy, state: Partial<ContainerState>) => ({
  config: containerConfig({ restart }),
  state: { ...INITIAL_STATE, status: "exited" as const, startedAt: "2026-01-01T00:00:00Z", ...state },
});

describe("shouldRestart", () => {
  it.each<[RestartPolicy, Partial<ContainerState>, boolean]>([
    [{ name: "no" }, { exitCode: 1 }, false],
    [{ name: "always" }, { exitCode: 0 }, true],
    [{ name: "always" }, { exitCode: 0, stoppedByUser: true }, false],
    [{ name: "always" }, { exitCode: 0, stoppedByService: true }, false],
    [{ name: "unless-stopped" }, { exitCode: 137 }, true],
    [{ name: "on-failure" }, { exitCode: 0 }, false],
    [{ name: "on-failure" }, { exitCode: 3, restartCount: 99 }, true],
    [{ name: "on-failure", retries: 2 }, { exitCode: 3, restartCount: 1 }, true],
    [{ name: "on-failure", retries: 2 }, { exitCode: 3, restartCount: 2 }, false],
    [{ name: "always" }, { status: "configured" }, false],
    [{ name: "always" }, { startedAt: "" }, false],
  ])("%o after %o: %s", (policy, state, expected) => {
    expect(shouldRestart(ended(policy, state))).toBe(expected);
  });
});

describe("a clean-up that comes late", () => {
  it("leaves a later run alone that is just being stopped", async () => {
    const state = {
      ...INITIAL_STATE,
      status: "stopping" as const,
      needsCleanup: true,
      pid: process.pid,
      pidStartTime: processStartTime(process.pid),
      conmonPid: process.pid,
    };
    const container = { config: containerConfig(), state };
    // Anything more that it touched would fail.
    const engine = { paths: { exitsDir: "/nonexistent" } } as unknown as Engine;
    expect(await cleanupLocked(engine, container, {})).toBe(container);
  });
});
