import { closeSync, createReadStream, openSync } from "node:fs";
import { O_CLOEXEC } from "@containers/common/sys/constants";
import { machinePlatform } from "@containers/image/local-images/platform";
import type { Engine } from "../engine/engine.ts";
import { pushByName, removeByName } from "../images/image-deeds.ts";
import { emulatedPlatforms } from "../system/emulated-platforms.ts";
import type { Builder } from "./builder.ts";

/** Where a build of this machine writes: what it says, and what its commands print. */
export interface LocalOutput {
  readonly stdio: readonly [stdin: number, stdout: number, stderr: number];
  write(text: string): void;
}

/** This machine as one of the builders. */
export function localBuilder(engine: Engine, build: (platform: string, output: LocalOutput) => Promise<string>): Builder {
  const who = { name: "(local)", isLocal: true };
  return {
    ...who,
    async abilities() {
      const { os, architecture } = machinePlatform();
      return { ...who, native: [`${os}/${architecture}`], emulated: emulatedPlatforms() };
    },
    build: (platform, write) => withOutput(engine, write, (output) => build(platform, output)),
    async push(id, destination, access) {
      const images = { ...engine.images, registry: { ...engine.images.registry, ...access } };
      return (await pushByName({ engine, images }, id, { destination })).digest;
    },
    async remove(id) {
      const { errors } = await removeByName({ engine, images: engine.images }, [id], {});
      if (errors[0] !== undefined) throw errors[0];
    },
    close: () => {},
  };
}

/** Commands of the build write to a pipe, whose text goes the way of all other. */
async function withOutput<T>(engine: Engine, write: (text: string) => void, work: (output: LocalOutput) => Promise<T>): Promise<T> {
  const [readEnd, writeEnd] = engine.sys.pipe2(O_CLOEXEC);
  const empty = openSync("/dev/null", "r");
  const told = (async () => {
    for await (const chunk of createReadStream("", { fd: readEnd, encoding: "utf8" })) write(String(chunk));
  })();
  try {
    return await work({ stdio: [empty, writeEnd, writeEnd], write });
  } finally {
    closeSync(empty);
    closeSync(writeEnd);
    await told;
  }
}
