import { homedir } from "node:os";
import { expect, it } from "vitest";
import { runLabelCommand } from "./run-label.ts";

const request = { image: "localhost/tool:latest", name: "tool", args: [], options: {} };

it("puts the image, the name and the options in", () => {
  const command = "podman run -t --rm ${OPT1} -e HOME=$HOME -e NAME=${NAME} -e IMAGE=IMAGE --name NAME $IMAGE ${OPT2} /bin/x $UNKNOWN";
  expect(runLabelCommand({ ...request, command, options: { OPT1: "--tty" }, args: ["more"] })).toEqual({
    program: "podman",
    args: [
      ...["run", "-t", "--rm", "--tty", "-e", `HOME=${homedir()}`, "-e", "NAME=tool", "-e", "IMAGE=localhost/tool:latest"],
      ...["--name", "tool", "localhost/tool:latest", "/bin/x", "more"],
    ],
  });
  expect(runLabelCommand({ ...request, command: "/usr/bin/docker ps" }).program).toBe("podman");
  expect(runLabelCommand({ ...request, command: "/bin/sh -c true" }).program).toBe("/bin/sh");
  expect(runLabelCommand({ ...request, command: "echo x" })).toEqual({ program: "echo", args: ["x"] });
});
