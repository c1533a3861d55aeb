import { describe, expect, it } from "vitest";
import { wantsRemote } from "./wants-remote.ts";

describe("whether a service is wanted", () => {
  it.each([
    [{}, {}, false],
    [{ remote: true }, {}, true],
    [{ url: "unix:///x" }, {}, true],
    [{ connection: "x" }, {}, true],
    [{}, { env: { CONTAINER_HOST: "unix:///x" } }, true],
    [{}, { env: { CONTAINER_CONNECTION: "x" } }, true],
    [{ remote: false }, { env: { CONTAINER_HOST: "unix:///x" }, given: true }, false],
    [{}, { calledAs: "/usr/bin/podman-remote" }, true],
    [{}, { calledAs: "/opt/podman-remote/podman" }, false],
  ])("%j %j", (globals, options, wanted) => {
    expect(wantsRemote(globals, { env: {}, calledAs: "podman", ...options })).toBe(wanted);
  });
});
