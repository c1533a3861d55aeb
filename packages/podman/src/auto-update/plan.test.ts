import type { UnitManager } from "@containers/common/cgroups/systemd-units";
import { expect, test } from "vitest";
import { INITIAL_STATE } from "../containers/state.ts";
import { containerConfig } from "../containers/testing/container-config.ts";
import { memoryState } from "../state/memory/memory-state.ts";
import { applyUpdates } from "./apply.ts";
import { checkUpdatedName } from "./check-image-name.ts";
import { planUpdates } from "./plan.ts";

function stateWith(...containers: { name: string; labels: Record<string, string>; status?: "running" | "exited" }[]) {
  const state = memoryState();
  for (const [index, { name, labels, status = "running" }] of containers.entries()) {
    const config = containerConfig({ id: String(index).repeat(64), name, labels, rawImageName: "localhost/x", imageId: "old" });
    state.containers.insert({ config, state: { ...INITIAL_STATE, status } });
  }
  return state;
}

const label = "io.containers.autoupdate";

test("running containers with a policy are planned by their units", () => {
  const state = stateWith(
    { name: "a", labels: { [label]: "registry", PODMAN_SYSTEMD_UNIT: "one.service" } },
    { name: "b", labels: { [label]: "local", PODMAN_SYSTEMD_UNIT: "one.service" } },
    { name: "c", labels: { [label]: "disabled", PODMAN_SYSTEMD_UNIT: "two.service" } },
    { name: "d", labels: { [label]: "registry", PODMAN_SYSTEMD_UNIT: "three.service" }, status: "exited" },
    { name: "e", labels: {} },
    { name: "f", labels: { [label]: "registry" } },
    { name: "g", labels: { [label]: "daily", PODMAN_SYSTEMD_UNIT: "four.service" } },
  );
  const { units, errors } = planUpdates({ state });
  expect([...units].map(([unit, tasks]) => [unit, tasks.map(({ container, policy }) => `${container.name} ${policy}`)])).toEqual([
    ["one.service", ["a registry", "b local"]],
  ]);
  expect(errors).toHaveLength(2);
  expect(errors[0]?.message).toContain("no PODMAN_SYSTEMD_UNIT label found");
});

test("what cannot be looked up fails alone, and nothing is restarted for it", async () => {
  const { units } = planUpdates({ state: stateWith({ name: "a", labels: { [label]: "local", PODMAN_SYSTEMD_UNIT: "one.service" } }) });
  const restarted: string[] = [];
  const manager: Pick<UnitManager, "restart"> = { restart: (unit) => String(restarted.push(unit)) };
  const { reports, errors } = await applyUpdates(units, {
    dryRun: false,
    rollback: true,
    units: manager,
    imagesFor: () => {
      throw new Error("the store is gone");
    },
  });
  expect(reports.map(({ status }) => status)).toEqual(["failed"]);
  expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining("checking image updates for container 000")]);
  expect(restarted).toEqual([]);
});

test("an image that is updated from a registry says from which", () => {
  expect(() => checkUpdatedName({ [label]: "registry" }, "alpine")).toThrow("auto updates require fully-qualified image reference");
  expect(() => checkUpdatedName({ [label]: "image" }, "dir:/x")).toThrow('image is of transport "dir"');
  for (const name of ["quay.io/a/b", "docker://quay.io/a/b:1", "localhost/x"]) checkUpdatedName({ [label]: "registry" }, name);
  checkUpdatedName({ [label]: "local" }, "alpine");
});
