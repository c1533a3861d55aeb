/** Checkpoint and restore: a container is frozen, moved in an archive, and goes on where it was. */
import { it } from "vitest";
import { cannotCheckpoint } from "../harness/criu.ts";
import { tour } from "../harness/tour.ts";

tour("checkpoint and restore", { users: ["root"], images: ["nginx"], skip: cannotCheckpoint() }, ({ type }) => {
  it("writes a running container to an archive and lets it go on", () => type`
    # nginx stays root, so that criu may ask for the limits of all its processes where root has no CAP_SYS_RESOURCE
    $ podman run -dt --tmpfs /tmp --name server nginx sh -c "sed -i s/www-data/root/ /etc/nginx/nginx.conf; exec nginx -g 'daemon off;'"
    <id>
    $ podman exec server touch /tmp/test-01
    $ podman container checkpoint server --leave-running --export=backup.tar
    server
    $ podman container checkpoint server --leave-running -e backup.tar.gz -c gzip
    server
    $ podman ps --format '{{.Names}} {{.State}}'
    server running
  `);

  it("brings it back after it is gone, with its files in memory", () => type`
    $ podman stop -t 0 server
    server
    $ podman rm server
    server
    $ podman container restore --import=backup.tar
    <id>
    $ podman exec server ls /tmp
    test-01
    $ podman exec server curl -sI http://localhost  # soon
    HTTP/1.1 200 OK
    ...
  `);

  it("makes a second one of the same archive, under another name", () => type`
    $ podman container restore --import=backup.tar.gz --name second
    <id>
    $ podman ps --format '{{.Names}}'
    server
    second
    $ podman exec second ls /tmp
    test-01
    $ podman rm -f -t 0 server second
    server
    second
  `);
});
