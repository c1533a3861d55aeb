/** Pods: containers that share a network, a host name and a fate. */
import { it } from "vitest";
import { tour } from "../harness/tour.ts";

tour("pods", { users: ["root", "rootless"], images: ["nginx"] }, ({ type }) => {
  it("is made, filled and listed", () => type`
    $ podman pod create --name demo-pod
    <id>
    $ podman pod ls
    POD ID NAME STATUS CREATED INFRA ID # OF CONTAINERS
    <short id> demo-pod Created <some time> ago <short id> 1
    $ podman run -dt --pod demo-pod --name server nginx
    <id>
    $ podman ps -a --pod
    CONTAINER ID IMAGE COMMAND CREATED STATUS PORTS NAMES POD ID PODNAME
    <short id> <infra image> <some time> ago Up <some time> <short id>-infra <short id> demo-pod
    <short id> localhost/nginx:latest nginx -g daemon o... <some time> ago Up <some time> server <short id> demo-pod
  `);

  it("is made along with its first container, with the ports of both", () => type`
    $ podman run -dt --pod new:frontend -p $PORT:80 --name web nginx
    <id>
    $ podman pod ls --format '{{.Name}} {{.Status}} {{.NumberOfContainers}}' --sort name
    demo-pod Running 2
    frontend Running 2
    $ curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:$PORT  # soon
    200
    $ podman port web
    80/tcp -> 0.0.0.0:$PORT
  `);

  it("shares localhost", () => type`
    $ podman run --rm --pod frontend nginx curl -sI http://localhost
    HTTP/1.1 200 OK
    ...
  `);

  it("stops, starts and goes as one", () => type`
    $ podman pod stop -t 1 frontend
    frontend
    $ podman ps -a --filter pod=frontend --format '{{.State}}'
    exited
    exited
    $ podman pod start frontend
    frontend
    $ curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:$PORT  # soon
    200
    $ podman pod rm frontend
    Error: not all containers could be removed from pod <id>: ...
    ...
    [exit 125]
    $ podman pod rm -f -t 0 frontend demo-pod
    <id>
    <id>
    $ podman ps -aq
    $ podman pod ls -q
  `);
});
