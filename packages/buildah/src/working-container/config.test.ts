import { describe, expect, it } from "vitest";
import { applyConfigFlags, type ConfigChanges, formatNotes } from "./config.ts";
import { scratchConfig } from "./image-config.ts";
import type { WorkingContainer } from "./record.ts";

const NOTHING: ConfigChanges = {
  addHistory: true,
  ...{ annotations: [], unsetAnnotations: [], labels: [], unsetLabels: [], env: [], ports: [], volumes: [], onBuild: [] },
  ...{ architecture: undefined, author: undefined, cmd: undefined, createdBy: undefined, domainname: undefined, entrypoint: undefined },
  ...{ historyComment: undefined, hostname: undefined, os: undefined, osVersion: undefined, shell: undefined, stopSignal: undefined },
  ...{ user: undefined, variant: undefined, workingDir: undefined },
  healthcheck: {
    ...{
      command: undefined,
      interval: undefined,
      timeout: undefined,
      startPeriod: undefined,
      startInterval: undefined,
      retries: undefined,
    },
  },
};

const container: WorkingContainer = {
  ...{ id: "id", name: "name", fromImage: "", fromImageId: "", fromImageDigest: "", topLayer: "", annotations: {}, format: "oci" },
  ...{ historyBefore: [], historyAfter: [], createdBy: "", historyComment: "", mountLabel: "", processLabel: "", capabilities: [] },
  ...{ isolation: "oci", volumes: [], imageConfigText: "", imageManifestText: "" },
  config: { ...scratchConfig(undefined), cmd: ["run"] },
};

describe("buildah config", () => {
  it("fills in what a new health check does not say", () => {
    const changed = applyConfigFlags(container, { ...NOTHING, healthcheck: { ...NOTHING.healthcheck, command: "CMD x", interval: "1s" } });
    expect(changed.config.healthcheck).toMatchObject({ test: ["CMD", "x"], interval: 1e9, timeout: 30e9, retries: 3 });
    expect(changed.historyBefore.at(-1)?.createdBy).toBe("/bin/sh -c #(nop) HEALTHCHECK --interval=1s CMD x");
  });

  it("notes the history as instructions would have made it", () => {
    const changes = { ...NOTHING, user: "me", ports: ["80", "81"], labels: ["a=b", "c=d"], volumes: ["/v", "/w"] };
    expect(applyConfigFlags(container, changes).historyBefore.map((entry) => entry.createdBy?.slice("/bin/sh -c #(nop) ".length))).toEqual([
      "USER me",
      "EXPOSE 80 81",
      "VOLUME /v",
      "VOLUME /w",
      "LABEL a=b c=d",
    ]);
  });

  it("removes features and comments as it adds them", () => {
    const added = applyConfigFlags(container, { ...NOTHING, osFeatures: ["one", "two"], comment: "text" });
    expect(added.config).toMatchObject({ osFeatures: ["one", "two"], comment: "text" });
    const removed = applyConfigFlags(added, { ...NOTHING, osFeatures: ["one-"], comment: "" }).config;
    expect(removed.osFeatures).toEqual(["two"]);
    expect(removed.comment).toBeUndefined();
  });

  it("tells what an image in OCI's format cannot keep, and what becomes of the command", () => {
    const notes = formatNotes(container, { ...NOTHING, entrypoint: '["/start"]', hostname: "host" });
    expect(notes).toEqual([
      'cmd "run" exists and will be passed to entrypoint as a parameter',
      "HOSTNAME is not supported for OCI V1 image format, hostname host will be ignored. Must use `docker` format",
    ]);
    expect(formatNotes({ ...container, format: "docker" }, { ...NOTHING, entrypoint: "start it", hostname: "host" })).toEqual([
      'cmd "run" exists but will be ignored because of entrypoint settings',
    ]);
  });
});
