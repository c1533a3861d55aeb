/** Segregated tools: each executable does its job alone, and they meet in the shared store. */
import { it } from "vitest";
import { toolPath } from "../harness/binaries.ts";
import { tour } from "../harness/tour.ts";

const variables = { TOOLS: toolPath("podman").replace(/\/podman$/, "") };

tour("segregated tools", { users: ["root", "rootless"], images: ["debian"], variables }, ({ type }) => {
  it("each alone in the PATH does its job", () => type`
    $ for tool in podman buildah skopeo conmon; do mkdir -p alone/$tool; cp $TOOLS/podman alone/$tool/$tool; done
    $ alone() { PATH=$PWD/alone/$1:/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
    $ alone podman run --rm --network none debian echo podman
    podman
    $ alone buildah from --name work debian
    work
    $ alone buildah run --network none work echo buildah
    buildah
    $ alone buildah rm work
    <id>
    $ alone skopeo copy -q containers-storage:localhost/debian oci:layout:debian
    $ alone skopeo inspect --format '{{.Os}}' oci:layout:debian
    linux
    $ alone conmon --version
    conmon version <number>.<number>
    ...
  `);

  it("each alone in a container", () => type`
    $ podman run --rm --network none -v $PWD/alone/skopeo/skopeo:/bin/skopeo:ro -v $PWD/layout:/layout debian sh -c 'skopeo copy -q --insecure-policy oci:/layout:debian dir:/tmp/copy && ls /tmp/copy/manifest.json'
    /tmp/copy/manifest.json
    $ mkdir context; echo text > context/file; printf 'FROM scratch\nCOPY file /\n' > context/Containerfile
    $ podman run --rm --network none -v $PWD/alone/buildah/buildah:/bin/buildah:ro -v $PWD/context:/context:ro debian buildah --storage-driver vfs bud -q /context
    <id>
    $ podman run --rm --network none -v $PWD/alone/podman/podman:/bin/podman:ro debian podman --storage-driver vfs images -q
    $ podman run --rm --network none -v $PWD/alone/conmon/conmon:/bin/conmon:ro debian conmon --version
    conmon version <number>.<number>
    ...
  `);

  it("an image made by buildah is run by podman at once and copied by skopeo", () => type`
    $ ctr=$(buildah from debian)
    $ buildah run --network none $ctr sh -c 'echo "#!/bin/sh" > /greet; echo "echo hello \$1" >> /greet; chmod +x /greet'
    $ echo text > file; buildah copy $ctr file /file
    <id>
    $ buildah config --entrypoint '["/greet"]' --cmd world --label made=here $ctr
    ...
    $ buildah commit -q $ctr greeter
    <id>
    $ podman run --rm --network none greeter
    hello world
    $ podman run --rm --network none greeter you
    hello you
    $ skopeo copy -q containers-storage:localhost/greeter dir:greeter
    $ skopeo inspect --format '{{.Labels}}' dir:greeter
    map[...made:here...]
    $ buildah rm $ctr
    <id>
    $ podman rmi greeter
    Untagged: localhost/greeter:latest
    ...
  `);
});
