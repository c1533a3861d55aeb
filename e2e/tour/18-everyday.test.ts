/** One everyday use of each of the rest. */
import { it } from "vitest";
import { tour } from "../harness/tour.ts";

tour("everyday", { users: ["root", "rootless"], images: ["nginx"] }, ({ type, user }) => {
  it("secrets and volumes", () => type`
    $ printf 'hush' | podman secret create password -
    <secret id>
    $ podman run --rm --network none --secret password nginx cat /run/secrets/password
    hush
    $ podman run --rm --network none --secret password,type=env,target=PASSWORD nginx sh -c 'echo $PASSWORD'
    hush
    $ podman secret ls --format '{{.Name}} {{.Driver}}'
    password file
    $ podman volume create data
    data
    $ podman run --rm --network none -v data:/data nginx sh -c 'echo kept > /data/file'
    $ podman run --rm --network none -v data:/data:ro nginx cat /data/file
    kept
    $ podman volume ls
    DRIVER VOLUME NAME
    local data
    $ cat $(podman volume inspect --format '{{.Mountpoint}}' data)/file
    kept
    $ podman volume rm data; podman secret rm password
    data
    <secret id>
  `);

  it("top, cp, diff, commit, rename, port", () => type`
    $ podman run -d --name web -p $PORT:80 nginx
    <id>
    $ podman top web pid comm | grep -m 1 nginx
    1 nginx
    $ echo 'from the host' > page; podman cp page web:/usr/share/nginx/html/page
    $ curl -s http://127.0.0.1:$PORT/page  # soon
    from the host
    $ podman cp web:/etc/hostname - | tar -t
    hostname
    $ podman diff web | grep html
    C /usr/share/nginx/html
    A /usr/share/nginx/html/page
    $ podman commit -q -c 'ENV COMMITTED=yes' web with-page
    <id>
    $ podman run --rm --network none with-page sh -c 'cat /usr/share/nginx/html/page; echo $COMMITTED'
    from the host
    yes
    $ podman rename web server
    $ podman port server
    80/tcp -> 0.0.0.0:$PORT
  `);

  // The ordinary user's cgroup is not delegated on every machine.
  it.skipIf(user === "rootless")(
    "update",
    () => type`
    $ podman pause server
    server
    $ podman ps --all --filter name=server --format '{{.Names}} {{.State}}'
    server paused
    $ podman unpause server
    server
    $ podman stats --no-stream --format '{{.Name}} {{.PIDS}}' server
    server <number>
    $ podman update --memory 300m server
    <id>
    $ podman stats --no-stream --format '{{.MemUsage}}' server
    <amount> / 314.6MB
  `,
  );

  it("logs, wait, events", () => type`
    $ podman logs server | grep -m 1 -o 'GET /page HTTP/1.1'
    GET /page HTTP/1.1
    $ podman run -d --network none --name brief nginx sh -c 'sleep 1; exit 3'
    <id>
    $ podman wait brief
    3
    $ podman events --stream=false --filter container=brief --format '{{.Status}}' | sort -u  # soon
    cleanup
    create
    died
    init
    start
  `);

  it("history, tree, df, prune", () => type`
    $ podman history --no-trunc --format '{{.CreatedBy}}' nginx | head -1
    /bin/sh -c #(nop) CMD ["nginx", "-g", "daemon off;"]
    $ podman image tree nginx
    Image ID: <short id>
    Tags: [localhost/nginx:latest]
    Size: <size>
    Image Layers
    ...
    └── ID: <short id> Size: <size> Top Layer of: [localhost/nginx:latest]
    $ podman system df
    TYPE TOTAL ACTIVE SIZE RECLAIMABLE
    Images 2 1 <size> <size> (<number>%)
    Containers 2 1 <size> <size> (<number>%)
    Local Volumes 0 0 0B 0B (0%)
    $ podman rm -f -t 0 server
    server
    $ podman container prune -f
    <id>
    $ podman rmi with-page
    ...
    $ podman system prune -af
    ...
    Total reclaimed space: <size>
    $ podman images -q
  `);
});
