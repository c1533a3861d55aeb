import { formatRows } from "@containers/common/report/format";
import { expect, it } from "vitest";
import { withEmptyLists, withOmitted, withTimes } from "./inspect-fields.ts";

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

it("times are Go's, with its methods, and stay texts in JSON", () => {
  const found = {
    Created: "2026-11-21T04:46:52.10Z",
    State: { StartedAt: "0001-01-01T00:00:00Z" },
    History: [{ Created: "2026-11-21T00:00:00Z" }],
  };
  const show = (format: string) => formatRows(format, [withTimes(found)], { json: [found] });
  expect(show("{{.Created}}|{{.State.StartedAt}}|{{.Created.Year}}|{{.State.StartedAt.IsZero}}")).toBe(
    "2026-11-21 04:46:52.1 +0000 UTC|0001-01-01 00:00:00 +0000 UTC|2026|true\n",
  );
  expect(show('{{(index .History 0).Created.Format "2006-01-02"}}{{.Created | json}}{{json .State}}')).toBe(
    `2026-11-21"2026-11-21T04:46:52.10Z"${JSON.stringify(found.State)}\n`,
  );
});

it("the history of an image has Go's names", () => {
  const entry = { created: "2026-11-21T00:00:00Z", created_by: "RUN x", comment: "why" };
  const show = (format: string) => formatRows(format, [withTimes({ History: [entry] })]);
  expect(show("{{range .History}}{{.CreatedBy}}|{{.Created.Year}}|{{.EmptyLayer}}|{{.Author}}|{{.Comment}}{{end}}")).toBe(
    "RUN x|2026|false||why\n",
  );
  expect(show("{{json .History}}{{json (index .History 0)}}")).toBe(`${JSON.stringify([entry])}${JSON.stringify(entry)}\n`);
});
