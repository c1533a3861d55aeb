/** Rootless: no root of the host anywhere, and nothing more allowed than the user already may. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "vitest";
import { tour } from "../harness/tour.ts";

tour("rootless", { users: ["rootless"], images: ["nginx"] }, ({ type, world }) => {
  it("runs a container as root of its own, and as the user for the host", () => type`
    $ podman run --rm nginx id
    uid=0(root) gid=0(root) groups=0(root)
    $ podman run -d --name web -p $PORT:80 nginx
    <id>
    $ curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:$PORT  # soon
    200
    $ podman top web user,args | head -2
    USER COMMAND
    root nginx: master process nginx -g daemon off;
    $ test $(ps -o uid= -p $(podman inspect --format '{{.State.Pid}}' web)) = $(id -u)
    # Nothing that belongs to the containers is the host's root's: monitor, network, container
    $ pgrep -u 0 -af "$WORLD"
    [exit 1]
    $ podman info --format '{{.Host.Security.Rootless}}'
    true
    $ podman rm -f -t 0 web
    web
  `);

  it("cannot write what the user cannot write", async () => {
    const file = join(world().directory, "tmp", "of-root");
    writeFileSync(file, "untouched\n");
    chmodSync(file, 0o644);
    await type`
      $ ls -ln $WORLD/tmp/of-root
      -rw-r--r-- 1 0 0 ...
      $ podman run --rm --network none -v $WORLD/tmp/of-root:/file nginx sh -c 'id -u; cat /file; echo mine > /file'
      0
      untouched
      sh: 1: cannot create /file: Permission denied
      [exit 2]
      $ podman run --rm --network none --privileged -v $WORLD/tmp/of-root:/file nginx chown root /file
      chown: changing ownership of '/file': Operation not permitted
      [exit 1]
      $ cat $WORLD/tmp/of-root
      untouched
    `;
  });

  it("names the setting that forbids user namespaces", () => type`
    # A user namespace in which no other may be made, as if the host's administrator had set it
    $ mkdir forbidden; XDG_RUNTIME_DIR=$PWD/forbidden unshare --user --map-current-user --keep-caps sh -c 'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --ambient-caps -all --inh-caps -all podman run --rm nginx true'
    Error: user namespaces are not enabled: /proc/sys/user/max_user_namespaces is 0 (as root, run: sysctl -w user.max_user_namespaces=15000)
    [exit 125]
  `);
});
