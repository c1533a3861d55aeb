import { describe, expect, it } from "vitest";
import { type ContainerStatus, INITIAL_STATE } from "../state.ts";
import { containerConfig } from "../testing/container-config.ts";
import { type Deed, may, requireDeed, shownStatus } from "./transitions.ts";

const STATUSES: readonly ContainerStatus[] = [
  "creating",
  "configured",
  "created",
  "running",
  "paused",
  "stopping",
  "stopped",
  "exited",
  "removing",
];

describe("transitions", () => {
  it.each<[Deed, ContainerStatus[]]>([
    ["start", ["configured", "created", "stopped", "exited"]],
    ["exec", ["running"]],
    ["kill", ["running", "paused", "stopping"]],
    ["pause", ["running"]],
    ["unpause", ["paused"]],
    ["remove", ["creating", "configured", "created", "stopped", "exited", "removing"]],
  ])("allows %s only in its statuses", (deed, allowed) => {
    expect(STATUSES.filter((status) => may(deed, status)).sort()).toEqual([...allowed].sort());
  });

  it("refuses in the original's words", () => {
    const container = { config: containerConfig(), state: { ...INITIAL_STATE, status: "exited" as const } };
    expect(() => requireDeed("kill", container)).toThrow(
      `can only kill running containers. ${container.config.id} is in state exited: container state improper`,
    );
    expect(() => requireDeed("exec", container)).toThrow("can only create exec sessions on running containers: container state improper");
  });

  it("shows statuses as users know them", () => {
    expect(STATUSES.map(shownStatus)).toEqual([
      "created",
      "created",
      "initialized",
      "running",
      "paused",
      "stopping",
      "stopped",
      "exited",
      "removing",
    ]);
  });
});
