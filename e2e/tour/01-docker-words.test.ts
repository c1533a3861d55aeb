/** Docker's words: who knows Docker knows what to type. */
import { join } from "node:path";
import { it } from "vitest";
import { binDirectory } from "../harness/binaries.ts";
import { tour } from "../harness/tour.ts";

const variables = { CHECKOUT: join(binDirectory, "../..") };

tour("Docker's words", { users: ["root", "rootless"], images: ["nginx"], variables }, ({ type }) => {
  it("runs nginx with a directory of the host", () => type`
    $ mkdir site; echo 'hello from the host' > site/index.html
    $ podman run -dt -p $PORT:80/tcp -v $PWD/site:/usr/share/nginx/html:ro --name hello-nginx nginx
    <id>
    $ curl -s http://127.0.0.1:$PORT  # soon
    hello from the host
    $ podman ps
    CONTAINER ID IMAGE COMMAND CREATED STATUS PORTS NAMES
    <short id> localhost/nginx:latest nginx -g daemon o... <some time> ago Up <some time> 0.0.0.0:$PORT->80/tcp hello-nginx
    $ podman logs hello-nginx | grep -o 'GET / HTTP/1.1" 200'
    GET / HTTP/1.1" 200
    $ podman exec hello-nginx cat /etc/debian_version
    <number>
    # Read-only, as it was asked for
    $ podman exec hello-nginx touch /usr/share/nginx/html/new
    touch: cannot touch '/usr/share/nginx/html/new': Read-only file system
    [exit 1]
  `);

  it("answers to the name docker, once installed", () => type`
    $ (cd $CHECKOUT && node .workspace/bootstrap.mjs install-system --prefix $HOME/local)
    ...
    installed podman, buildah, skopeo, conmon in $HOME/local/bin
    $ export PATH=$HOME/local/bin:$PATH
    $ docker container ps -a --format '{{.Names}} {{.Status}}'
    Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.
    hello-nginx Up <some time>
    $ mkdir -p .config/containers; touch .config/containers/nodocker
    $ docker run --rm --network none nginx echo quiet
    quiet
    $ printf 'FROM nginx\nRUN echo built > /built\n' > Dockerfile
    $ docker build -q --network none -t built .
    <id>
    $ docker run --rm --network none built cat /built
    built
    $ docker images --format '{{.Repository}}:{{.Tag}}'
    localhost/built:latest
    localhost/nginx:latest
    $ docker rm -f -t 0 hello-nginx
    hello-nginx
  `);

  it("has manual pages and completion, under both names", () => type`
    $ for page in podman-run docker-run podman-container-checkpoint buildah-bud skopeo-copy conmon; do ls local/share/man/man1/$page.1; done
    local/share/man/man1/podman-run.1
    local/share/man/man1/docker-run.1
    local/share/man/man1/podman-container-checkpoint.1
    local/share/man/man1/buildah-bud.1
    local/share/man/man1/skopeo-copy.1
    local/share/man/man1/conmon.1
    $ cat local/share/man/man1/docker-run.1
    .so man1/podman-run.1
    $ . local/share/bash-completion/completions/podman
    $ COMP_LINE='podman container ex' COMP_POINT=19; __podman_completion 2> compopt; echo ${"${COMPREPLY[*]}"}
    exec exists export
  `);
});
