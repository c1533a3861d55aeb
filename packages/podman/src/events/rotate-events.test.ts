import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Event } from "./event-log.ts";
import { fileEventLog } from "./file-event-log.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "events-"));
  path = join(directory, "events.log");
});
afterEach(() => rmSync(directory, { recursive: true }));

const old = (count: number): string =>
  Array.from(
    { length: count },
    (_, at) =>
      `{"Name":"busybox","Status":"pull","Time":"2022-04-06T11:26:42.7236679${String(at).padStart(2, "0")}+02:00","Type":"image","Attributes":null}\n`,
  ).join("");

async function read(log: ReturnType<typeof fileEventLog>, options: Parameters<typeof log.read>[0] = {}): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of log.read(options)) events.push(event);
  return events;
}

it("a log that grows too large keeps its newer half, between marks", async () => {
  writeFileSync(path, old(100));
  const log = fileEventLog(path, 4750);
  log.write({ type: "container", status: "remove", id: "1" });
  const events = await read(log);
  expect(events.map(({ status }) => status)).toEqual([
    "log-rotation",
    ...Array.from({ length: 49 }, () => "pull"),
    "log-rotation",
    "remove",
  ]);
  expect(events.map(({ attributes }) => attributes?.["io.podman.event.rotate"]).filter(Boolean)).toEqual(["begin", "end"]);
});

it("a log without a limit is left alone", () => {
  writeFileSync(path, old(100));
  fileEventLog(path).write({ type: "container", status: "remove", id: "1" });
  expect(readFileSync(path, "utf8").startsWith(old(100))).toBe(true);
});

it("a follower reads each event once, whatever is rotated meanwhile", async () => {
  writeFileSync(path, old(100));
  const log = fileEventLog(path, 11_300);
  const controller = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { status } of log.read({ follow: true, signal: controller.signal })) {
      seen.push(status);
      if (status === "remove") controller.abort();
    }
  })();
  while (seen.length < 100) await new Promise((resolve) => setTimeout(resolve, 10));
  log.write({ type: "container", status: "create", id: "1" });
  log.write({ type: "container", status: "remove", id: "1" });
  await following;
  expect(seen.filter((status) => status === "pull")).toHaveLength(100);
  expect(seen.slice(100)).toEqual(["log-rotation", "create", "remove"]);
});
