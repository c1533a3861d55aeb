import { formatRows } from "@containers/common/report/format";
import { expect, it } from "vitest";
import { withEmptyLists, withOmitted } from "./inspect-fields.ts";

const container = {
  Name: "c",
  State: { Status: "created", CheckpointedAt: "0001" },
  Config: { User: "" },
  HostConfig: { Privileged: true },
};
const print = (format: string) => formatRows(format, [container].map(withOmitted).map(withEmptyLists), { json: [container] });

it("templates may name what a container's JSON leaves out", () => {
  expect(print("{{.Config.StartupHealthCheck}}|{{.Config.Secrets}}|{{.Config.Entrypoint}}|{{.SizeRw}}")).toBe("<nil>|[]|[]|<nil>\n");
  expect(print("{{.HostConfig.IDMappings}}|{{.HostConfig.Init}}|{{.State.Health}}|{{.State.ConmonPid}}")).toBe("<nil>|false|<nil>|0\n");
});

it("JSON has no more for that", () => {
  expect(print("{{json .}}")).toBe(`${JSON.stringify(container)}\n`);
  expect(print("{{json .State}}{{json .Config}}{{json .HostConfig}}{{json .Config.Cmd}}")).toBe(
    `${JSON.stringify(container.State)}${JSON.stringify(container.Config)}${JSON.stringify(container.HostConfig)}null\n`,
  );
});

it("what is no container is left as it is", () => {
  const pod = { Name: "p", State: "Running" };
  expect(withOmitted(pod)).toBe(pod);
});
