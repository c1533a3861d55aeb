import { describe, expect, it } from "vitest";
import type { Owner } from "./owners.ts";
import type { ProcessRow } from "./top.ts";
import { chooseColumns } from "./top-columns.ts";

const root: Owner = { id: 0, name: "root", hostId: 100_000, hostName: "100000" };
const web: Owner = { id: 33, name: "www-data", hostId: 100_033, hostName: "alice" };

const row: ProcessRow = {
  user: web,
  group: web,
  realUser: root,
  realGroup: root,
  supplementary: [root, web],
  pid: 7,
  ppid: 1,
  cpu: 1.5,
  elapsedMs: 61_000,
  tty: "pts/0",
  timeMs: 20,
  command: "/usr/bin/sleep 100",
  name: "sleep",
  label: "?",
  hostPid: 4711,
  processGroup: 7,
  nice: 5,
  status: { CapEff: "0000000000000001", CapAmb: "0000000000000000", CapBnd: "000001ffffffffff", Seccomp: "2", VmRSS: "12 kB" },
};

const cells = (...words: string[]) => chooseColumns(words)?.map(([title, cell]) => [title, cell(row)]);

describe("columns of top", () => {
  it.each([
    ["%u", "RUSER", "root"],
    ["%U", "USER", "www-data"],
    ["huser", "HUSER", "alice"],
    ["huid", "HUID", "100033"],
    ["groups", "GROUPS", "root,www-data"],
    ["hgroups", "HGROUPS", "100000,100033"],
    ["comm", "COMMAND", "sleep"],
    ["%a", "COMMAND", "/usr/bin/sleep 100 "],
    ["capeff", "EFFECTIVE CAPS", "CHOWN"],
    ["capamb", "AMBIENT CAPS", "none"],
    ["capbnd", "BOUNDING CAPS", "full"],
    ["seccomp", "SECCOMP", "filter"],
    ["%t", "ELAPSED", "1m1s"],
  ])("%s", (word, title, cell) => {
    expect(cells(word)).toEqual([[title, cell]]);
  });

  it("are chosen by words and lists, or the usual ones", () => {
    expect(cells("pid,ppid", "%C")?.map(([title]) => title)).toEqual(["PID", "PPID", "%CPU"]);
    expect(cells()).toHaveLength(8);
  });

  it("are none for what only ps(1) understands", () => {
    for (const words of [["-ef"], ["aux"], ["pid", "nosuch"]]) expect(chooseColumns(words)).toBeUndefined();
  });
});
