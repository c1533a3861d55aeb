import { expect, test } from "vitest";
import { machinePlatform, platformMismatch } from "./platform.ts";

const { architecture } = machinePlatform();
const foreign = architecture === "s390x" ? "ppc64le" : "s390x";

test.each([
  [{ os: "linux", architecture }, undefined, undefined],
  [{}, undefined, undefined],
  [{ os: "linux", architecture: foreign }, { os: "linux", architecture: foreign }, undefined],
  [{ os: "linux", architecture: "386" }, { architecture: "amd64" }, undefined],
  [{ os: "linux", architecture: "arm", variant: "v7" }, { architecture: "arm64" }, undefined],
  [
    { os: "linux", architecture: foreign },
    undefined,
    `image platform (linux/${foreign}) does not match the expected platform (linux/${architecture})`,
  ],
  [
    { os: "linux", architecture: "arm", variant: "v6" },
    { os: "linux", architecture: "arm", variant: "v7" },
    "image platform (linux/arm/v6) does not match the expected platform (linux/arm/v7)",
  ],
  [
    { os: "windows", architecture },
    { os: "linux", architecture },
    `image platform (windows/${architecture}) does not match the expected platform (linux/${architecture})`,
  ],
])("%o for %o", (image, choice, said) => {
  expect(platformMismatch(image, choice)).toBe(said);
});
