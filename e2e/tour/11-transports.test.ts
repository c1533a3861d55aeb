/** Transports: an image goes from every place to every other, and is the same there. */
import { it } from "vitest";
import { tour } from "../harness/tour.ts";

const places = [
  "docker://$REGISTRY/app",
  "containers-storage:localhost/app",
  "oci:layout:app",
  "oci-archive:app.oci.tar:app",
  "docker-archive:app.tar:localhost/app:latest",
  "dir:app",
];

tour("transports", { users: ["root", "rootless"], images: ["base"], registry: true }, ({ type }) => {
  it.each(places)("an image in %s is copied to every other place and is the same there", async (from) => {
    await type`
      $ skopeo copy -q containers-storage:localhost/base ${from}
      $ image=$(podman inspect --format '{{.Id}}' base)
    `;
    for (const to of places.filter((place) => place !== from)) {
      const copy = to.replaceAll("app", "copied").replace("layout", "copied-layout");
      await type`
        $ skopeo copy -q ${from} ${copy}
        $ skopeo inspect --config --raw ${copy} | sha256sum
        $image -
        $ rm -rf copied*; podman rmi -i localhost/copied > removed
      `;
    }
  });

  it.each(places)(
    "podman runs %s",
    (place) => type`
    $ podman run --rm --network none ${place} echo hello
    ...
    hello
  `,
  );
});
