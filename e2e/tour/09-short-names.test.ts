/** Short names and registries: which registry `nginx` means, mirrors, and registries that are not asked. */
import { it } from "vitest";
import { tour } from "../harness/tour.ts";

const options = { users: ["root", "rootless"], images: ["base"], registry: true, ownSystem: true } as const;

tour("short names and registries", options, ({ type }) => {
  it("knows three registries by the system's file", () => type`
    $ cat > $WORLD/etc/registries.conf <<EOF
    > unqualified-search-registries = ["registry.example.com", "docker.io", "quay.io"]
    > short-name-mode = "enforcing"
    > [[registry]]
    > prefix = "registry.example.com"
    > location = "$REGISTRY/example"
    > insecure = true
    > [[registry]]
    > prefix = "docker.io/library"
    > location = "$REGISTRY/docker"
    > insecure = true
    > [[registry]]
    > location = "quay.io"
    > blocked = true
    > EOF
    $ podman push -q --tls-verify=false base $REGISTRY/docker/nginx
    $ podman rmi -a -f
    ...
    $ podman pull nginx
    Error: short-name resolution enforced but cannot prompt without a TTY (use the full name of the image)
    [exit 125]
  `);

  it("asks on a terminal which is meant, and remembers", () => type`
    # One down (the second), and return
    $ (until grep -qs quay.io/nginx screen; do sleep 0.1; done; sleep 0.3; printf '\033[B'; sleep 0.3; printf '\r'; sleep 3) | script -qfec 'podman pull -q nginx' /dev/null > screen
    $ grep -oE 'Please select an image|(registry.example.com|docker.io/library|quay.io)/nginx:latest' screen | LC_ALL=C sort -u
    Please select an image
    docker.io/library/nginx:latest
    quay.io/nginx:latest
    registry.example.com/nginx:latest
    $ podman images --format '{{.Repository}}'
    docker.io/library/nginx
    $ podman rmi -a -f
    ...
    $ podman pull -q nginx
    ...
    <id>
  `);

  it("refuses a blocked registry", () => type`
    $ podman pull -q quay.io/nginx
    Error: ... registry quay.io is blocked in /etc/containers/registries.conf ...
    [exit 125]
  `);

  it("tries mirrors in order, then the origin; the user's file over the system's", () => type`
    $ skopeo copy -q --src-tls-verify=false --dest-tls-verify=false docker://$REGISTRY/docker/nginx docker://$REGISTRY/mirror/only-there
    $ mkdir -p .config/containers; cat > .config/containers/registries.conf <<EOF
    > [[registry]]
    > prefix = "registry.example.com"
    > location = "$REGISTRY/docker"
    > insecure = true
    > [[registry.mirror]]
    > location = "127.0.0.1:$PORT/closed"
    > insecure = true
    > [[registry.mirror]]
    > location = "$REGISTRY/mirror"
    > insecure = true
    > EOF
    $ podman pull -q --retry 0 registry.example.com/only-there
    <id>
    $ podman pull -q --retry 0 registry.example.com/nginx
    <id>
    # What both have comes from the mirror
    $ printf 'FROM docker.io/library/nginx\nLABEL from=mirror\n' | buildah bud -q -t other -
    <id>
    $ podman push -q --tls-verify=false other $REGISTRY/mirror/both
    $ podman push -q --tls-verify=false registry.example.com/nginx $REGISTRY/docker/both
    $ podman pull -q --retry 0 registry.example.com/both
    <id>
    $ podman inspect --format '{{.Labels.from}}' registry.example.com/both
    mirror
    $ podman images --format '{{.Repository}}' | sort
    docker.io/library/nginx
    localhost/other
    registry.example.com/both
    registry.example.com/nginx
    registry.example.com/only-there
  `);
});
