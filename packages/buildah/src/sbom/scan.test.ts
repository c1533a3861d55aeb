import { expect, test } from "vitest";
import { scanCommands } from "./scan.ts";

test("commands name the files or each context; those that name nothing are not run", () => {
  const scan = { contexts: ["/a", "/b"], commands: ["list {ROOTFS} '{OUTPUT}'", "true", "ls {CONTEXT} > {OUTPUT}"] };
  expect(scanCommands(scan, [])).toEqual([
    { args: ["list", "/.rootfs", "/.scans/scan0.json"], output: "/.scans/scan0.json" },
    { args: ["/bin/sh", "-c", "ls /.context0 > /.scans/scan1.json"], output: "/.scans/scan1.json" },
    { args: ["/bin/sh", "-c", "ls /.context1 > /.scans/scan2.json"], output: "/.scans/scan2.json" },
  ]);
  expect(() => scanCommands({ contexts: [], commands: ["true"] }, [])).toThrow("no scanner command names");
});
