import { expect, it } from "vitest";
import { overrideRunConfig } from "./override-run-config.ts";

it("texts and commands replace, names are added, the environment is merged", () => {
  const base = {
    User: "a",
    WorkingDir: "/w",
    Env: ["X=1", "Y=2"],
    Entrypoint: ["/e"],
    Cmd: ["c"],
    Labels: { one: "1" },
    StopSignal: "SIGINT",
  };
  const over = { User: "b", Env: ["Y=3", "Z=4"], Cmd: ["d"], Labels: { two: "2" }, Volumes: { "/v": {} } };
  expect(overrideRunConfig(base, over)).toMatchObject({
    User: "b",
    WorkingDir: "/w",
    Env: ["X=1", "Y=3", "Z=4"],
    Cmd: ["d"],
    Labels: { one: "1", two: "2" },
    Volumes: { "/v": {} },
  });
  expect(overrideRunConfig(base, over).Entrypoint).toBeUndefined();
  expect(overrideRunConfig(base, over).StopSignal).toBeUndefined();
  expect(overrideRunConfig(base, {})).toMatchObject({ Entrypoint: ["/e"], Cmd: ["c"] });
});
