import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { debianRootfsTar } from "./debian-rootfs.ts";
import { createWorld } from "./world.ts";

const e2e = dirname(import.meta.dirname);
const contexts = join(e2e, "tour", "images");

/** Images that a tour can start with, tagged `localhost/NAME:latest`: a minimal Debian, and Debian's nginx and curl on top of it. */
export type TourImage = "debian" | "nginx";

const images: readonly TourImage[] = ["debian", "nginx"];

/**
 * A docker-archive with every {@link TourImage}, built by our own buildah out of `tour/images` on the debootstrap fixture.
 * Made when it is first asked for, named for what it is made of, and kept in the checkout for later runs; the path.
 */
export async function tourImagesArchive(): Promise<string> {
  const version = createHash("sha256");
  for (const image of images) version.update(readFileSync(join(contexts, image, "Containerfile")));
  const directory = process.env.E2E_FIXTURES ?? join(e2e, ".fixtures");
  const archive = join(directory, `tour-images-${version.digest("hex").slice(0, 12)}.tar`);
  if (existsSync(archive)) return archive;
  mkdirSync(directory, { recursive: true });
  const world = await createWorld();
  try {
    await world.podman("import", "-q", await debianRootfsTar(), "localhost/debian-full");
    for (const image of images) {
      const squash = image === "debian" ? ["--squash"] : [];
      const words = ["bud", "-q", "--network", "host", ...squash, "-t", `localhost/${image}`, join(contexts, image)];
      await world.ok("buildah", words, { timeout: 600_000 });
    }
    const staged = join(directory, `.tour-images-${process.pid}.tar`);
    await world.ok("podman", ["save", "-q", "-m", "-o", staged, ...images.map((image) => `localhost/${image}`)], { timeout: 300_000 });
    renameSync(staged, archive);
  } finally {
    await world.destroy();
  }
  return archive;
}
