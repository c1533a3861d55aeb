import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { linuxSys } from "@containers/common/sys/linux";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compileIgnoreRules } from "../containerfile/ignore-file.ts";
import { ContentDigest } from "./content-digest.ts";
import { type CopyRequest, copyInto } from "./copy-into.ts";

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const asRoot = it.skipIf(owner.uid !== 0);
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "copier-"));
  mkdirSync(join(home, "src"));
  mkdirSync(join(home, "dst"));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function source(path: string, text = path, mode = 0o644): void {
  const full = join(home, "src", path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  chmodSync(full, mode);
}

const target = (path: string) => join(home, "dst", path);

async function copy(sources: readonly string[], destination: string, options: Partial<CopyRequest> = {}): Promise<string> {
  const digest = new ContentDigest();
  await copyInto(
    linuxSys(),
    {
      sourceRoot: join(home, "src"),
      targetRoot: join(home, "dst"),
      workingDir: "/",
      rules: compileIgnoreRules([]),
      extract: false,
      parents: false,
      overrides: { stripSetId: true, owner },
      sources,
      destination,
      ...options,
    },
    digest,
  );
  return digest.summary();
}

describe("destinations", () => {
  it("names a file, or a directory to put it into", async () => {
    source("a");
    await copy(["a"], "/new");
    await copy(["a"], "/dir/");
    await copy(["a"], "/dir");
    expect(readFileSync(target("new"), "utf8")).toBe("a");
    expect(readFileSync(target("dir/a"), "utf8")).toBe("a");
  });

  it("takes the contents of a directory, over what is there", async () => {
    source("d/x/y");
    source("d/z", "new", 0o600);
    writeFileSync(target("z"), "old");
    await copy(["d"], "/");
    expect(readFileSync(target("x/y"), "utf8")).toBe("d/x/y");
    expect(readFileSync(target("z"), "utf8")).toBe("new");
    expect(statSync(target("z")).mode & 0o777).toBe(0o600);
  });

  it("refuses a file in the place of a directory", async () => {
    source("d/a");
    writeFileSync(target("f"), "");
    await expect(copy(["d"], "/f")).rejects.toThrow("already exists but is not a directory");
  });

  it("keeps modification times of files and directories", async () => {
    source("d/sub/f");
    utimesSync(join(home, "src/d/sub/f"), 1000, 1000);
    utimesSync(join(home, "src/d/sub"), 2000, 2000);
    await copy(["d"], "/t");
    expect(statSync(target("t/sub/f")).mtimeMs).toBe(1_000_000);
    expect(statSync(target("t/sub")).mtimeMs).toBe(2_000_000);
  });

  it("keeps hard links within one source, and symlinks", async () => {
    source("d/one");
    linkSync(join(home, "src/d/one"), join(home, "src/d/two"));
    symlinkSync("one", join(home, "src/d/link"));
    await copy(["d"], "/l");
    expect(statSync(target("l/one")).ino).toBe(statSync(target("l/two")).ino);
    expect(readlinkSync(target("l/link"))).toBe("one");
  });
});

describe("sources", () => {
  it("matches globs in order and reports those that match nothing", async () => {
    for (const name of ["a.txt", "b.txt", "c.md"]) source(name);
    await copy(["*.txt"], "/g/");
    expect(existsSync(target("g/b.txt"))).toBe(true);
    expect(existsSync(target("g/c.md"))).toBe(false);
    await expect(copy(["*.zip"], "/g/")).rejects.toThrow("no such file or directory");
    await expect(copy(["nope"], "/g/")).rejects.toThrow('copier: stat: "/nope": no such file or directory');
  });

  it("leaves out what the rules say", async () => {
    for (const name of ["d/keep", "d/drop.log", "d/sub/drop.log", "d/sub/keep.log"]) source(name);
    await copy(["d"], "/i", { rules: compileIgnoreRules(["**/*.log", "!d/sub/keep.log"]) });
    expect(existsSync(target("i/keep"))).toBe(true);
    expect(existsSync(target("i/drop.log"))).toBe(false);
    expect(existsSync(target("i/sub/keep.log"))).toBe(true);
    expect(existsSync(target("i/sub/drop.log"))).toBe(false);
    await expect(copy(["d/drop.log"], "/i", { rules: compileIgnoreRules(["d"]), ignoreFile: "X" })).rejects.toThrow(
      "1 filtered out using X",
    );
  });

  it("keeps parent directories when asked", async () => {
    source("p/q/r");
    await copy(["p/q/r"], "/k/", { parents: true });
    expect(existsSync(target("k/p/q/r"))).toBe(true);
  });
});

describe("nothing leads out of the two roots", () => {
  it("resolves links of the context inside it", async () => {
    symlinkSync("/etc/hostname", join(home, "src/out"));
    symlinkSync("../../../../etc", join(home, "src/up"));
    await expect(copy(["out"], "/x")).rejects.toThrow("no such file or directory");
    await expect(copy(["up/hostname"], "/x")).rejects.toThrow("no such file or directory");
    await expect(copy(["../../etc/hostname"], "/x")).rejects.toThrow("no such file or directory");
  });

  it("resolves links of the container inside it", async () => {
    source("a");
    symlinkSync(home, target("escape"));
    symlinkSync("../..", target("up"));
    await copy(["a"], "/escape/a").catch(() => undefined);
    await copy(["a"], "/up/b");
    expect(existsSync(join(home, "a"))).toBe(false);
    expect(existsSync(join(home, "b"))).toBe(false);
    expect(readFileSync(target("b"), "utf8")).toBe("a");
  });

  it("replaces a link rather than writing through it", async () => {
    source("d/f");
    writeFileSync(join(home, "victim"), "safe");
    symlinkSync(join(home, "victim"), target("f"));
    await copy(["d"], "/");
    expect(readFileSync(join(home, "victim"), "utf8")).toBe("safe");
    expect(lstatSync(target("f")).isFile()).toBe(true);
  });
});

describe("digests of what was copied", () => {
  // Values of the original for the same files, owned by 0:0.
  asRoot("equal the original's", async () => {
    source("a.txt", "a\n");
    expect(await copy(["a.txt"], "/x", { overrides: { stripSetId: true, owner, mode: 0o700 } })).toBe(
      "file:c6e121e48fa3b118748d51f4aef034f48fc11dabde61627c8192c5e500f1b75d",
    );
    source("dir/d.txt", "d\n");
    source("dir/sub/s.txt", "s\n");
    chmodSync(join(home, "src/dir/sub"), 0o755);
    expect(await copy(["dir"], "/opt", { overrides: { stripSetId: true, owner: { uid: 1000, gid: 1000 } } })).toBe(
      "dir:600dc6183b235fe524bf9c95ba1ee0c185e8b8925b8448a71abd0937f7e5e188",
    );
    source("b.txt", "b\n", 0o640);
    expect(await copy(["a.txt", "b.txt", "dir"], "/work/")).toBe("multi:f55dbf68f7669e2e9ba3753b9c10491349ee36b02fea7d57f3f1944c402e3f80");
  });

  it("do not depend on times", async () => {
    source("a");
    const before = await copy(["a"], "/1");
    utimesSync(join(home, "src/a"), 5, 5);
    expect(await copy(["a"], "/1")).toBe(before);
  });
});
