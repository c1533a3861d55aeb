/** Kube files: a pod becomes a file, and the file a pod again; a Deployment written by hand, with a config map and a volume. */
import { it } from "vitest";
import { tour } from "../harness/tour.ts";

tour("kube files", { users: ["root", "rootless"], images: ["nginx"] }, ({ type }) => {
  it("writes a pod to a file and plays it", () => type`
    $ podman run -dt --pod new:frontend -p $PORT:80 --name web nginx
    <id>
    $ podman generate kube frontend >> frontend.yaml
    $ podman pod rm -f -t 0 frontend
    <id>
    $ grep -E '^kind|image:|hostPort' frontend.yaml
    kind: Pod
    image: localhost/nginx:latest
    hostPort: $PORT
    $ podman play kube frontend.yaml
    Pod:
    <id>
    Container:
    <id>
    $ curl -sI localhost:$PORT  # soon
    HTTP/1.1 200 OK
    ...
    $ podman pod ls --format '{{.Name}} {{.Status}} {{.NumberOfContainers}}'
    frontend Running 2
    $ podman kube down frontend.yaml
    Pods stopped:
    <id>
    Pods removed:
    <id>
    Secrets removed:
    Volumes removed:
    $ podman pod exists frontend
    [exit 1]
  `);

  it("plays a Deployment with a config map and a volume", () => type`
    $ cat > shop.yaml <<EOF
    > apiVersion: v1
    > kind: ConfigMap
    > metadata:
    >   name: pages
    > data:
    >   index.html: hello from a map
    > ---
    > apiVersion: v1
    > kind: PersistentVolumeClaim
    > metadata:
    >   name: visits
    > ---
    > apiVersion: apps/v1
    > kind: Deployment
    > metadata:
    >   name: shop
    > spec:
    >   template:
    >     metadata:
    >       labels:
    >         app: shop
    >     spec:
    >       containers:
    >       - name: web
    >         image: localhost/nginx
    >         imagePullPolicy: Never
    >         ports:
    >         - containerPort: 80
    >           hostPort: $PORT2
    >         volumeMounts:
    >         - name: pages
    >           mountPath: /usr/share/nginx/html
    >         - name: visits
    >           mountPath: /visits
    >       volumes:
    >       - name: pages
    >         configMap:
    >           name: pages
    >       - name: visits
    >         persistentVolumeClaim:
    >           claimName: visits
    > EOF
    $ podman kube play shop.yaml
    Volumes:
    visits
    Pod:
    <id>
    Container:
    <id>
    $ curl -s localhost:$PORT2; echo  # soon
    hello from a map
    $ podman exec shop-pod-web sh -c 'echo seen > /visits/log'
    $ podman kube play --replace shop.yaml
    Pods stopped:
    <id>
    Pods removed:
    <id>
    ...
    Pod:
    <id>
    Container:
    <id>
    $ podman exec shop-pod-web cat /visits/log
    seen
    $ podman kube down --force shop.yaml
    Pods stopped:
    <id>
    Pods removed:
    <id>
    Secrets removed:
    Volumes removed:
    visits
    $ podman volume exists visits
    [exit 1]
  `);

  it("leaves nothing behind", () => type`
    $ podman volume rm -a
    pages
    $ podman ps -aq
    $ podman network rm podman-default-kube-network
    podman-default-kube-network
  `);
});
