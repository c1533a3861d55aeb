/** Backup: images to archives and back, a container's file system to a tar and back as an image. */
import { it } from "vitest";
import { tour } from "../harness/tour.ts";

tour("backup", { users: ["root", "rootless"], images: ["base"] }, ({ type }) => {
  it("saves an image and loads it again", () => type`
    $ id=$(podman images -q --no-trunc base)
    $ podman save -q -o base.tar base
    $ podman save -q --format oci-archive -o base-oci.tar base
    $ podman rmi base
    Untagged: localhost/base:latest
    Deleted: <id>
    $ podman load -i base.tar
    ...
    Loaded image: localhost/base:latest
    $ podman images --no-trunc -q base
    $id
    $ podman rmi -f base
    ...
    $ podman load -q < base-oci.tar
    Loaded image: localhost/base:latest
    $ podman images --no-trunc -q base
    $id
  `);

  it("exports a container and imports it as an image, without what lay on tmpfs", () => type`
    $ podman run -d --name data --network none --tmpfs /scratch base sh -c 'echo kept > /root/note; echo gone > /scratch/note; exec sleep 1000'
    <id>
    $ podman exec data cat /root/note /scratch/note  # soon
    kept
    gone
    $ podman export -o data.tar data
    $ tar -tf data.tar | grep -E '^(root/note|scratch)'
    root/note
    scratch/
    $ podman import -q -c 'CMD ["cat", "/root/note"]' -m "before the move" data.tar restored
    sha256:<id>
    $ podman run --rm --network none restored
    kept
    $ podman run --rm --network none restored ls /scratch
    $ podman rm -f -t 0 data
    data
  `);

  it("says so in the manual", () => type`
    $ tr -s '\n' ' ' < $MANUALS/podman-export.1 | grep -o 'content of tmpfs[^.]*'
    content of tmpfs mounts is not in the archive, ...
  `);
});
