# The eHealth sandbox as an image: one static binary, no shell, not root.
#   docker build -t sandbox .
#   docker run --rm -p 8080:8080 sandbox
# Data is thrown away with the container unless /data is used:
#   docker run --rm -p 8080:8080 -v sandbox-data:/data -e SANDBOX_DATA=/data sandbox
ARG GO_VERSION=1.26
FROM golang:${GO_VERSION}-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=container
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/sandbox ./cmd/sandbox
# An empty directory that belongs to the user of the image, for the volume and
# for temporary files.
RUN mkdir -p /out/data /out/tmp && chmod 0700 /out/data && chmod 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build /out/sandbox /sandbox
USER 65532:65532
ENV SANDBOX_LISTEN=0.0.0.0:8080
EXPOSE 8080
VOLUME ["/data", "/tmp"]
HEALTHCHECK --interval=5s --timeout=3s --start-period=2s --retries=3 CMD ["/sandbox", "wait", "-timeout", "2s"]
ENTRYPOINT ["/sandbox"]
