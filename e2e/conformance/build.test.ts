/** The same Containerfile by ours and by the original buildah: equal configs, histories, annotations and files, and one step cache for both. */
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildBaseImage } from "../harness/base-image.ts";
import { originalPath } from "../harness/binaries.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

const buildah = originalPath("buildah") ?? "";

const CASES: Readonly<Record<string, string>> = {
  config: `FROM localhost/base
MAINTAINER Some One <a@b.c>
ARG FOO=1
ENV A=1 B="two words" C=$A
ENV OLD style value
LABEL l1=v1 "l 2"="v 2"
WORKDIR /work
EXPOSE 80 81/udp
VOLUME /vol
USER alice
STOPSIGNAL SIGINT
CMD ["/bin/sh", "-c", "echo"]
ENTRYPOINT ["/bin/env"]
`,
  copies: `FROM localhost/base
WORKDIR /work
COPY a.txt b.txt dir /work/
COPY --chown=alice:wheel dir /opt/dir
COPY --chmod=0700 a.txt /opt/x
COPY *.txt ./globbed/
COPY a.txt renamed
ADD archive.tar /unpacked/
COPY . /all
`,
  runs: `FROM localhost/base
ARG WHO=me
RUN echo $WHO > /hi && mkdir /made
RUN ["/bin/touch", "/made/json"]
RUN <<EOF
echo heredoc > /heredoc
EOF
COPY <<EOF /here.txt
hello $WHO
EOF
RUN rm /hi
`,
  stages: `FROM localhost/base AS one
RUN echo 1 > /one
FROM localhost/base AS unused
RUN false
FROM localhost/base
COPY --from=one /one /from-name
COPY --from=0 /one /from-index
SHELL ["/bin/sh", "-ec"]
RUN echo shell > /shell
`,
};

describe.skipIf(buildah === "")("two builders (needs the original buildah)", () => {
  let world: World;
  let context: string;

  beforeAll(async () => {
    // Where the limits may not be raised, the original fails with its own defaults.
    world = await createWorld({ containersConf: '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n' });
    await buildBaseImage(world);
    context = join(world.directory, "tmp", "context");
    makeContext(context);
  });
  afterAll(() => world?.destroy());

  const original = async (...args: string[]): Promise<string> => {
    const result = await world.runProgram(buildah, args);
    if (result.exitCode !== 0) throw new Error(describeResult(result));
    return result.stdout;
  };
  const build = async (tool: "ours" | "original", name: string, ...flags: string[]): Promise<string> => {
    const file = join(world.directory, "tmp", `${name}.containerfile`);
    writeFileSync(file, CASES[name] ?? "");
    const args = ["bud", "--network", "none", "-t", `localhost/${tool}-${name}`, "-f", file, ...flags, context];
    return tool === "ours" ? world.buildah(...args) : original(...args);
  };
  const describeImage = async (image: string): Promise<string> => {
    const directory = join(world.directory, "tmp", image.replaceAll("/", "_"));
    await world.skopeo("copy", "-q", `containers-storage:${image}`, `dir:${directory}`);
    return readImage(directory);
  };

  for (const name of Object.keys(CASES)) {
    it.each([[[]], [["--layers", "--no-cache"]], [["--squash"]], [["--format", "docker", "--timestamp", "0"]]])(
      `${name} %j`,
      async (flags) => {
        await build("original", name, ...flags);
        await build("ours", name, ...flags);
        expect(await describeImage(`localhost/ours-${name}`)).toBe(await describeImage(`localhost/original-${name}`));
      },
    );

    it(`${name}: each uses what the other built`, async () => {
      await build("ours", name, "--layers", "--no-cache");
      const theirs = await build("original", name, "--layers");
      await build("original", name, "--layers", "--no-cache");
      const ours = await build("ours", name, "--layers");
      for (const printed of [theirs, ours]) {
        const steps = printed.match(/STEP/g)?.length ?? 0;
        const starts = printed.match(/: FROM/g)?.length ?? 0;
        expect(printed.match(/Using cache/g)?.length).toBe(steps - starts);
      }
    });
  }
});

function makeContext(directory: string): void {
  mkdirSync(join(directory, "dir/sub"), { recursive: true });
  for (const name of ["a.txt", "b.txt", "dir/d.txt", "dir/sub/s.txt", "ignored/i"]) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), `${name}\n`);
  }
  writeFileSync(join(directory, ".dockerignore"), "ignored\n");
  utimesSync(join(directory, "a.txt"), 1_577_934_245, 1_577_934_245);
  chmodSync(join(directory, "b.txt"), 0o640);
  chownSync(join(directory, "b.txt"), 5, 6);
  spawnSync("tar", ["cf", join(directory, "archive.tar"), "-C", directory, "a.txt", "dir"]);
}

/** Everything of an image that must be equal: times and ids of containers are left out. */
function readImage(directory: string): string {
  const json = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(directory, name), "utf8")) as Record<string, unknown>;
  const manifest = json("manifest.json") as {
    config: { digest: string };
    layers: { digest: string; mediaType: string }[];
    annotations?: Record<string, string>;
  };
  const { rootfs: _rootfs, container: _container, ...config } = json(manifest.config.digest.replace("sha256:", ""));
  const layers = manifest.layers.map((layer) => `${layer.mediaType}\n${listLayer(join(directory, layer.digest.replace("sha256:", "")))}`);
  return JSON.stringify({ config, annotations: manifest.annotations }, undefined, 1)
    .concat("\n", layers.join("\n"))
    .replace(/20\d\d-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/"Hostname": "[0-9a-f]{12}"/g, '"Hostname": "ID"');
}

/** Names, modes, owners, sizes and link targets; not the mount points that a runtime makes by its own habits. */
function listLayer(path: string): string {
  const { stdout } = spawnSync("tar", ["tvf", path, "--numeric-owner"], { encoding: "utf8" });
  return stdout
    .split("\n")
    .map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d /, ""))
    .filter((line) => !/ (dev|proc|sys)\/$/.test(line))
    .join("\n");
}
